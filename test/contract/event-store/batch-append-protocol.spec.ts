import service from '@eventstore/db-client/generated/streams_grpc_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { credentials } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import { collect, event, newStream, useStore } from './store-under-test.js';

// What the client does not show: the batch call as it is on the wire.
describe('the batch append call', () => {
  const store = useStore();

  const open = () => {
    const { host } = new URL(store.url.replace(/^esdb(\+discover)?:/, 'http:'));
    const client = new service.StreamsClient(host, credentials.createInsecure());
    const call = client.batchAppend();
    const answers: messages.BatchAppendResp[] = [];
    call.on('data', (answer: messages.BatchAppendResp) => answers.push(answer));
    const ended = new Promise<void>((resolve, reject) => call.on('end', resolve).on('error', reject));
    return { call, answers, ended, close: () => client.close() };
  };

  interface Part {
    readonly stream?: string;
    readonly types: readonly string[];
    readonly final: boolean;
  }

  const part = (correlation: string, { stream, types, final }: Part) => {
    const request = new messages.BatchAppendReq().setCorrelationId(new shared.UUID().setString(correlation));
    if (stream !== undefined) {
      const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
      const options = new messages.BatchAppendReq.Options().setStreamIdentifier(identifier);
      request.setOptions(options.setNoStream(new shared.Empty()));
    }
    request.setProposedMessagesList(
      types.map((type) => {
        const message = new messages.BatchAppendReq.ProposedMessage();
        message.setId(new shared.UUID().setString(randomUUID())).setData(Buffer.from('{}'));
        message.getMetadataMap().set('type', type).set('content-type', 'application/json');
        return message;
      }),
    );
    return request.setIsFinal(final);
  };

  test('answers each append once, by its correlation id, and ends when the client has ended', async () => {
    const { call, answers, ended, close } = open();
    const [first, second] = [randomUUID(), randomUUID()];
    const [one, two] = [newStream(), newStream()];
    // Two appends whose parts come in turns.
    call.write(part(first, { stream: one, types: ['A'], final: false }));
    call.write(part(second, { stream: two, types: ['B'], final: false }));
    call.write(part(first, { types: ['C'], final: true }));
    call.write(part(second, { types: [], final: true }));
    call.end();
    await ended;
    close();
    expect(answers.map((answer) => answer.getCorrelationId()?.getString()).sort()).toEqual([first, second].sort());
    expect(answers.every((answer) => answer.hasSuccess())).toBe(true);
    expect((await collect(store.client.readStream(one))).map(({ event: e }) => e?.type)).toEqual(['A', 'C']);
    expect(await collect(store.client.readStream(two))).toHaveLength(1);
  });

  test('answers a wrong expected version with code 6 and says what it is about', async () => {
    const stream = newStream();
    await store.client.appendToStream(stream, event('A'));
    const { call, answers, ended, close } = open();
    call.write(part(randomUUID(), { stream, types: ['B'], final: true }));
    call.end();
    await ended;
    close();
    const [answer] = answers;
    expect(answer?.getError()?.getCode()).toBe(6);
    expect(answer?.getError()?.getDetails()?.getTypeName()).toBe('event_store.client.WrongExpectedVersion');
    expect(Buffer.from(answer?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream);
  });

  test('answers an empty event type as a bad request, once, and goes on', async () => {
    const { call, answers, ended, close } = open();
    const [bad, good] = [randomUUID(), randomUUID()];
    call.write(part(bad, { stream: newStream(), types: ['A', ''], final: false }));
    call.write(part(bad, { types: ['B'], final: true }));
    call.write(part(good, { stream: newStream(), types: ['A'], final: true }));
    call.end();
    await ended;
    close();
    expect(answers.map((answer) => [answer.getCorrelationId()?.getString(), answer.getError()?.getCode()])).toEqual([
      [bad, 3],
      [good, undefined],
    ]);
  });
});
