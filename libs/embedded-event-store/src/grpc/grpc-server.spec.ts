import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, constants } from 'node:http2';
import { createConnection, createServer, type AddressInfo, type Server } from 'node:net';
import { GrpcServer } from './grpc-server.js';
import type { ServerCall } from './server-call.js';

const asIs = (bytes: Buffer): Buffer => bytes;
const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  path: `/spec.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});
const ECHO = {
  once: method('once', false, false),
  join: method('join', true, false),
  flood: method('flood', false, true),
};

type Call = ServerCall<Buffer, Buffer>;
type Answer = (failure: null, response: Buffer) => void;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Hands on what a client sends, until it is told to hold back; then all of it in one piece when it is told to go on. */
async function gatheringProxy(target: Server) {
  let held: Buffer[] | undefined;
  let goOn = (): void => undefined;
  const proxy = createServer((from) => {
    const to = createConnection(portOf(target), '127.0.0.1');
    from.on('data', (bytes) => (held ? held.push(bytes) : to.write(bytes)));
    to.pipe(from);
    for (const socket of [from, to]) socket.on('error', () => undefined);
    from.on('close', () => to.destroy());
    goOn = () => void to.write(Buffer.concat(held ?? []));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return { port: portOf(proxy), hold: () => (held = []), goOn: () => goOn(), close: () => void proxy.close() };
}

describe('the gRPC server', () => {
  const joined: string[] = [];
  let flood: (call: Call) => void;
  let server: GrpcServer;
  let listener: Server;
  let client: Client;
  let address: string;

  beforeEach(async () => {
    joined.length = 0;
    server = new GrpcServer();
    server.addService(ECHO, {
      once: (call: Call, answer: Answer) => answer(null, call.request),
      join: (call: Call, answer: Answer) => {
        const parts: Buffer[] = [];
        call.on('data', (part: Buffer) => parts.push(part));
        call.on('end', () => {
          joined.push(Buffer.concat(parts).toString());
          answer(null, Buffer.concat(parts));
        });
      },
      flood: (call: Call) => flood(call),
    });
    listener = createServer((socket) => server.takeConnection(socket));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${portOf(listener)}`;
    client = new Client(address, credentials.createInsecure());
  });

  afterEach(async () => {
    client.close();
    listener.close();
    await server.close(100);
  });

  const once = (request: Buffer, { path } = ECHO.once) =>
    new Promise<Buffer | undefined>((resolve, reject) => {
      client.makeUnaryRequest(path, asIs, asIs, request, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  const failureOf = (call: Promise<unknown>): Promise<ServiceError> =>
    call.then(
      () => Promise.reject(new Error('It did not fail.')),
      (error: unknown) => error as ServiceError,
    );

  test('answers calls, also with messages of many frames and of nothing', async () => {
    const large = Buffer.alloc(3_000_000, 'x');
    expect((await once(large))?.equals(large)).toBe(true);
    expect(await once(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  test('says that a method is unknown, that a message is too large, and that it speaks gRPC only', async () => {
    expect(await failureOf(once(Buffer.alloc(1), method('nothing', false, false)))).toMatchObject({ code: 12 });
    expect(await failureOf(once(Buffer.alloc(18 * 1024 * 1024)))).toMatchObject({ code: 8 });
    const session = connect(`http://${address}`);
    const status = await new Promise((resolve) => {
      const stream = session.request({ ':path': ECHO.once.path });
      stream.on('response', (headers) => resolve(headers[':status']));
      stream.resume();
    });
    session.close();
    expect(status).toBe(415);
    expect(await once(Buffer.from('still there'))).toEqual(Buffer.from('still there'));
  });

  test('reads compressed messages', async () => {
    const compressing = new Client(address, credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
    const answer = await new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response: unknown): void => (error ? reject(error) : resolve(response));
      compressing.makeUnaryRequest(ECHO.once.path, asIs, asIs, Buffer.alloc(10_000, 'y'), done);
    });
    compressing.close();
    expect(answer).toEqual(Buffer.alloc(10_000, 'y'));
  });

  test('never takes a request that was broken off for a complete one', async () => {
    const open = async (url: string) => {
      const session = connect(url);
      session.on('error', () => undefined);
      const stream = session.request({
        ':method': 'POST',
        ':path': ECHO.join.path,
        'content-type': 'application/grpc',
      });
      stream.on('error', () => undefined);
      stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0, 4]), Buffer.from('half')]));
      await delay(100);
      return { session, stream };
    };
    const cut = await open(`http://${address}`);
    cut.session.destroy();
    // Node.js's client ends a stream before it cancels it: the two frames arrive together when the server is busy.
    const proxy = await gatheringProxy(listener);
    const cancelled = await open(`http://127.0.0.1:${proxy.port}`);
    proxy.hold();
    cancelled.stream.close(constants.NGHTTP2_CANCEL);
    await delay(50);
    proxy.goOn();
    await delay(50);
    cancelled.session.destroy();
    proxy.close();

    const whole = new Promise((resolve) => {
      const call = client.makeClientStreamRequest(ECHO.join.path, asIs, asIs, (_error, response) => resolve(response));
      call.write(Buffer.from('who'));
      call.end(Buffer.from('le'));
    });
    expect(await whole).toEqual(Buffer.from('whole'));
    expect(joined).toEqual(['whole']);
  });

  test('says when a client takes nothing, goes on when it does, and ends with everything sent', async () => {
    const MESSAGE = Buffer.alloc(1_000, 'z');
    const MESSAGES = 20_000;
    let sent = 0;
    flood = (call) => {
      const fill = (): void => {
        while (sent < MESSAGES) {
          sent += 1;
          if (!call.write(MESSAGE)) {
            call.once('drain', fill);
            return;
          }
        }
        call.end();
      };
      fill();
    };
    const call = client.makeServerStreamRequest(ECHO.flood.path, asIs, asIs, Buffer.alloc(0));
    const messages = (call as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    await messages.next();
    await delay(200);
    // What is on its way: HTTP/2's window of 64 KiB, what the server keeps and what the client's streams keep.
    expect(sent).toBeLessThan(MESSAGES / 10);
    let received = 1;
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      expect(next.value.length).toBe(MESSAGE.length);
      received += 1;
    }
    expect(received).toBe(MESSAGES);
  });

  test('closes in time although a client that has said goodbye leaves a call open', async () => {
    flood = () => undefined;
    const session = connect(`http://${address}`);
    session.on('error', () => undefined);
    const headers = { ':method': 'POST', ':path': ECHO.flood.path, 'content-type': 'application/grpc' };
    const stream = session.request(headers);
    stream.on('error', () => undefined);
    stream.write(Buffer.from([0, 0, 0, 0, 0]));
    await delay(50);
    session.goaway();
    session.close();
    await delay(50);
    await server.close(50);
    session.destroy();
  });
});
