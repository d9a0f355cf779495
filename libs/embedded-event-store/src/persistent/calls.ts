import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import type { Caller } from '../access/caller.js';
import { Outgoing } from '../outgoing.js';
import { persistent, shared } from '../protocol.js';
import { wantsStructuredIds } from '../read-responses.js';
import { idOf } from '../proposed-events.js';
import { accessDenied, invalidArgument, storageFailure } from '../rpc-errors.js';
import type { Store } from '../store.js';
import { streamNameOf } from '../stream-name.js';
import { uuidToText } from '../uuid-bytes.js';
import { Consumer, type ConsumerDescription } from './consumer.js';
import { groupInfo } from './group-info.js';
import { ALL_STREAM, createdFilterOf, groupKeyOf, groupSettingsOf } from './group-settings.js';
import type { Group, NackAction } from './group.js';
import type { PersistentSubscriptions } from './subsystem.js';

export type ReadCall = ServerDuplexStream<persistent.ReadReq, Buffer>;

/** `ReadReq.Nack.Action` by number; what is unknown is tried again, as on the real server. */
const ACTIONS: readonly NackAction[] = ['retry', 'park', 'retry', 'skip', 'stop'];

/** The unary methods of the service `PersistentSubscriptions`. */
export function persistentSubscriptionCalls(store: Store, subscriptions: PersistentSubscriptions) {
  return {
    create: unary(managers, async (request: persistent.CreateReq, { name }) => {
      const options = required(request.getOptions());
      await subscriptions.create(
        groupKeyOf(options),
        groupSettingsOf(options, store.log.endPosition, createdFilterOf(options)),
        name,
      );
      return new persistent.CreateResp();
    }),
    update: unary(managers, async (request: persistent.UpdateReq, { name }) => {
      const options = required(request.getOptions());
      await subscriptions.update(
        groupKeyOf(options),
        ({ filter }) => groupSettingsOf(options, store.log.endPosition, filter),
        name,
      );
      return new persistent.UpdateResp();
    }),
    delete: unary(managers, async (request: persistent.DeleteReq, { name }) => {
      await subscriptions.delete(groupKeyOf(required(request.getOptions())), name);
      return new persistent.DeleteResp();
    }),
    getInfo: unary(users, (request: persistent.GetInfoReq) => {
      const group = subscriptions.find(groupKeyOf(required(request.getOptions())));
      return new persistent.GetInfoResp().setSubscriptionInfo(groupInfo(store.log, group));
    }),
    list: unary(users, (request: persistent.ListReq) => {
      const groups = subscriptions.list(listedStream(required(request.getOptions())));
      return new persistent.ListResp().setSubscriptionsList(groups.map((group) => groupInfo(store.log, group)));
    }),
    replayParked: unary(managers, async (request: persistent.ReplayParkedReq) => {
      const options = required(request.getOptions());
      const stopAt = options.hasStopAt() ? Number(options.getStopAt()) : undefined;
      await subscriptions.find(groupKeyOf(options)).replayParked(stopAt);
      return new persistent.ReplayParkedResp();
    }),
    restartSubsystem: unary(managers, async () => {
      await subscriptions.restart();
      return new shared.Empty();
    }),
  };
}

/** `PersistentSubscriptions.Read`: first the options, then acknowledgements; events the other way. */
export function handlePersistentRead(subscriptions: PersistentSubscriptions, caller: Caller, call: ReadCall): Outgoing {
  const out = new Outgoing(call);
  let group: Group | undefined;
  call.on('data', (request: persistent.ReadReq) => {
    try {
      const options = request.getOptions();
      if (options !== undefined) group ??= subscribe(subscriptions, caller, call, options, out);
      else if (group === undefined) throw invalidArgument('A persistent subscription begins with its options.');
      else answerMessages(group, request);
    } catch (error) {
      out.fail(storageFailure(error));
    }
  });
  call.on('end', () => out.end());
  return out;
}

function subscribe(
  subscriptions: PersistentSubscriptions,
  caller: Caller,
  call: ReadCall,
  options: persistent.ReadReq.Options,
  out: Outgoing,
): Group {
  const key = groupKeyOf(options);
  if (!caller.isKnown || !caller.mayDo('read', key.stream)) throw accessDenied();
  const group = subscriptions.find(key);
  group.admit();
  const description: ConsumerDescription = {
    from: call.getPeer(),
    userName: caller.name,
    connectionName: String(call.metadata.get('connection-name')[0] ?? '<unknown>'),
    bufferSize: Math.max(1, options.getBufferSize()),
    uuidForm: wantsStructuredIds(options.getUuidOption()) ? 'structured' : 'text',
    extraStatistics: group.stored.settings.extraStatistics,
  };
  const consumer = new Consumer(out, description, () => group.pump());
  const confirmation = new persistent.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId(`${key.stream}::${key.name}`);
  void out.send(Buffer.from(new persistent.ReadResp().setSubscriptionConfirmation(confirmation).serializeBinary()));
  group.connect(consumer);
  return group;
}

const managers = (caller: Caller): boolean => caller.mayManage;
const users = (caller: Caller): boolean => caller.isKnown;

function answerMessages(group: Group, request: persistent.ReadReq): void {
  const ack = request.getAck();
  if (ack !== undefined) group.acknowledge(idsOf(ack.getIdsList()));
  const nack = request.getNack();
  if (nack !== undefined) {
    group.refuse(idsOf(nack.getIdsList()), ACTIONS[nack.getAction()] ?? 'retry', nack.getReason());
  }
}

function idsOf(ids: readonly shared.UUID[]): string[] {
  return ids.flatMap((id) => {
    const bytes = idOf(id);
    return bytes === undefined ? [] : [uuidToText(bytes)];
  });
}

function listedStream(options: persistent.ListReq.Options): string | undefined {
  const forStream = options.getListForStream();
  if (forStream === undefined) return undefined;
  return forStream.getAll() === undefined ? streamNameOf(forStream.getStream()) : ALL_STREAM;
}

function required<Options>(options: Options | undefined): Options {
  if (options === undefined) throw invalidArgument('The request has no options.');
  return options;
}

function unary<Request, Response>(
  mayCall: (caller: Caller) => boolean,
  answer: (request: Request, caller: Caller) => Response | Promise<Response>,
) {
  return (caller: Caller, call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => {
        if (!mayCall(caller)) throw accessDenied();
        return answer(call.request, caller);
      })
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(storageFailure(error)),
      );
  };
}
