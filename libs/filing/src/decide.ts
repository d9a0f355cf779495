import type { Decider } from '#libs/letter';
import type { FiledDocumentCommand, FiledDocumentCommandOf, NamedFile } from './commands.js';
import type { FiledDocumentEvent } from './events.js';
import { refused, type FilingRefusal, type FilingRefusalCode } from './refusals.js';
import { evolve, initial, type FiledDocument, type KnownDocument } from './state.js';

type Decision = readonly FiledDocumentEvent[] | FilingRefusal;

function decide(state: FiledDocument, command: FiledDocumentCommand): Decision {
  if (command.type === 'fileDocument') return file(state, command);
  if (state.status === 'unknown') return refused('UNKNOWN_DOCUMENT');
  switch (command.type) {
    case 'replaceDocument':
      return replace(state, command);
    case 'removeDocument':
      return state.status === 'removed' ? [] : [{ type: 'DocumentRemoved', data: { at: command.at } }];
  }
}

function file(state: FiledDocument, command: FiledDocumentCommandOf<'fileDocument'>): Decision {
  const { agencyId, partyCode, category, at } = command;
  const { name, ...print } = command.file;
  if (state.status === 'unknown') {
    return [{ type: 'DocumentFiled', data: { agencyId, partyCode, category, file: print, at }, personal: { name } }];
  }
  const isSamePlace = state.partyCode === partyCode && state.category === category;
  if (state.status === 'filed' && isSamePlace && isSameFile(state, command.file)) return [];
  return refused('DOCUMENT_ALREADY_FILED');
}

function replace(state: KnownDocument, { file: next, at }: FiledDocumentCommandOf<'replaceDocument'>): Decision {
  if (state.status === 'removed') return refused('DOCUMENT_REMOVED');
  if (isSameFile(state, next)) return [];
  const { name, ...print } = next;
  return [{ type: 'DocumentReplaced', data: { file: print, at }, personal: { name } }];
}

const isSameFile = ({ file: kept, name }: KnownDocument, next: NamedFile): boolean =>
  kept.sha256 === next.sha256 && name === next.name;

/** A document of the agency's store (GED): a PDF under a category, of a third party or of the agency. */
export const filedDocument: Decider<FiledDocument, FiledDocumentCommand, FiledDocumentEvent, FilingRefusalCode> = {
  initial,
  decide,
  evolve,
};
