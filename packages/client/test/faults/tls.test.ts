import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { type ClientOptions, connect } from '../../src/index.js';
import { failsWith, startServerWithShortTicks } from '../support/fault-bench.js';

const testdata = new URL('../../../testdata/tls/', import.meta.url);
const file = (name: string) => readFileSync(fileURLToPath(new URL(name, testdata)));
const [ca, anotherCa] = [file('authority.pem'), file('another-authority.pem')];
const limits: ClientOptions = { connectTimeoutMs: 1500, reconnectDelayMs: { base: 5, max: 20 } };

/**
 * Starts a server behind a TLS proxy, like stunnel. Returns the port of the proxy, and the common names in the
 * certificates of clients.
 */
async function tlsServer(context: TestContext, options: TlsOptions = {}): Promise<{ port: number; clients: string[] }> {
  const target = await startServerWithShortTicks(context);
  const clients: string[] = [];
  const server = createServer({ cert: file('server.pem'), key: file('server.key'), ca, ...options }, (socket) => {
    clients.push(String(socket.getPeerCertificate().subject?.CN));
    const behind = connectSocket(target, '127.0.0.1');
    socket.pipe(behind).pipe(socket);
    socket.on('error', () => behind.destroy());
    behind.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', () => {});
  context.after(() => server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  return { port, clients };
}

suite('TLS', () => {
  test('the client accepts a certificate of a trusted authority, by name and by address', async (context) => {
    const { port } = await tlsServer(context);
    for (const host of ['localhost', '127.0.0.1']) {
      await using client = await connect(`${host}:${port}`, { ...limits, connectTimeoutMs: 15000, tls: { ca } });
      await client.create('/a', 'x'.repeat(200_000), { mode: 'EPHEMERAL' });
      assert.equal((await client.get('/a')).data?.length, 200_000);
      assert.equal(client.server, `${host}:${port}`);
      await Promise.all(Array.from({ length: 200 }, () => client.exists('/a')));
    }
  });

  test('the client rejects a certificate of an untrusted authority, with that reason', async (context) => {
    const { port } = await tlsServer(context);
    const message = /the last attempt: localhost:\d+: (self-signed certificate in certificate chain|unable to verify)/;
    for (const tls of [{ ca: anotherCa }, true] as const) {
      await failsWith(connect(`localhost:${port}`, { ...limits, tls }), 'OPERATIONTIMEOUT', 'not-sent', message);
    }
    await using careless = await connect(`localhost:${port}`, { ...limits, tls: { rejectUnauthorized: false } });
    await careless.sync();
  });

  test('the client rejects a certificate for another name, with that reason', async (context) => {
    const { port } = await tlsServer(context);
    const tls = { ca, servername: 'example.org' };
    const message = /example\.org\. is not in the cert's altnames: DNS:localhost, IP Address:127\.0\.0\.1/;
    await failsWith(connect(`localhost:${port}`, { ...limits, tls }), 'OPERATIONTIMEOUT', 'not-sent', message);
  });

  test('the client sends its certificate to a server that requires one, and fails without a certificate', async (context) => {
    const { port, clients } = await tlsServer(context, { requestCert: true, rejectUnauthorized: true });
    const tls = { ca, cert: file('client.pem'), key: file('client.key') };
    await using client = await connect(`localhost:${port}`, { ...limits, connectTimeoutMs: 15000, tls });
    await client.sync();
    assert.deepEqual(clients, ['test client']);
    const message = /the last attempt: localhost:\d+: .*(certificate required|ECONNRESET|EPIPE|closed|ended)/i;
    await failsWith(connect(`localhost:${port}`, { ...limits, tls: { ca } }), 'OPERATIONTIMEOUT', 'not-sent', message);
  });

  test('TLS to a plain server, and a plain connection to a TLS server, fail with a reason', async (context) => {
    const { port } = await tlsServer(context);
    const plainPort = await startServerWithShortTicks(context);
    const secure = connect(`localhost:${plainPort}`, { ...limits, tls: { ca } });
    const closed = /the last attempt: localhost:\d+: .*(disconnected before secure TLS connection|ECONNRESET|closed)/;
    await failsWith(secure, 'OPERATIONTIMEOUT', 'not-sent', closed);
    const plain = connect(`localhost:${port}`, limits);
    await failsWith(plain, 'OPERATIONTIMEOUT', 'not-sent', /the last attempt: localhost:\d+: /);
  });

  test('options that Node rejects only when it connects fail the attempt, without an uncaught exception', async (context) => {
    const { port } = await tlsServer(context);
    for (const wrong of [{ servername: 5 }, { checkServerIdentity: 5 }, { lookup: 5 }]) {
      const tls = { ca, ...wrong } as object;
      const message = /the last attempt: localhost:\d+: .*/;
      await failsWith(connect(`localhost:${port}`, { ...limits, tls }), 'OPERATIONTIMEOUT', 'not-sent', message);
    }
  });
});
