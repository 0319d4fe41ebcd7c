import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Connections } from './connections.js';

/** More than a socket takes before anybody reads. */
const long = 'x'.repeat(20_000_000);
const ask = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a server that ends', () => {
  let server: Server;
  let answers: ServerResponse[];
  beforeEach(async () => {
    answers = [];
    server = createServer((request, response) => {
      request.resume();
      answers.push(response);
      server.emit('asked');
    });
    new Connections(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  const open = async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    return socket;
  };
  const asked = async (socket: Socket, bytes = ask) => {
    const came = once(server, 'asked');
    socket.write(bytes);
    await came;
  };
  /** All that comes until the other side ends the connection. */
  const read = (socket: Socket) =>
    new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (part: Buffer) => (text += part.toString())).on('close', () => resolve(text));
    });
  const end = () => new Promise((resolve) => server.close(resolve));

  it('ends at once a connection on which nothing was asked, or nothing more', async () => {
    const [silent, idle] = [await open(), await open()];
    await asked(idle);
    answers[0]!.end('done');
    await once(answers[0]!, 'close');
    const texts = [read(silent), read(idle)];
    await end();
    expect(await Promise.all(texts)).toEqual(['', expect.stringMatching(/done$/)]);
  });

  it('says so in an answer that is still to come, also where the request was not there yet', async () => {
    const [waiting, half] = [await open(), await open()];
    await asked(waiting);
    await asked(half, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab');
    const texts = [read(waiting), read(half)];
    const ended = end();
    half.write('cd');
    for (const answer of answers) answer.end('done');
    await ended;
    for (const text of await Promise.all(texts)) expect(text).toMatch(/\r\nConnection: close\r\n[^]*done$/);
  });

  it('ends a connection behind an answer that had begun, and behind the last of several', async () => {
    const [begun, several] = [await open(), await open()];
    await asked(begun);
    answers[0]!.write('some ');
    await asked(several, ask + ask);
    if (answers.length < 3) await once(server, 'asked');
    const texts = [read(begun), read(several)];
    const ended = end();
    answers[0]!.end('more');
    answers[1]!.end('first');
    answers[2]!.end('second');
    await ended;
    expect(await Promise.all(texts)).toEqual([
      expect.stringMatching(/some \r\n4\r\nmore\r\n0\r\n\r\n$/),
      expect.stringMatching(/first[^]*Connection: close[^]*second$/),
    ]);
  });

  it('cuts no answer off that is slow to be read', async () => {
    const slow = await open();
    await asked(slow);
    slow.pause();
    answers[0]!.end(long);
    const ended = end();
    await new Promise((resolve) => setImmediate(resolve));
    const text = read(slow);
    slow.resume();
    await ended;
    expect((await text).endsWith(long)).toBe(true);
  });
});
