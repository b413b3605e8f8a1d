import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readClientConfiguration } from '../../src/start/client-configuration.js';
import { temporaryDirectory } from '../support/server.js';

function read(context: TestContext, lines: (directory: string) => readonly string[]) {
  const directory = temporaryDirectory(context);
  for (const name of ['key.pem', 'trusted.pem', 'key.p12', 'trusted.jks']) writeFileSync(join(directory, name), name);
  writeFileSync(join(directory, 'password'), 'secret\n');
  const file = join(directory, 'client.properties');
  writeFileSync(file, lines(directory).join('\n'));
  return readClientConfiguration(file);
}

test('the client uses the limits of a client configuration', (context) => {
  const options = read(context, () => ['jute.maxbuffer=2000000', 'zookeeper.request.timeout = 500', 'unknown=x']);
  assert.deepEqual(options, { requestTimeoutMs: 500, requestSizeMax: 2_000_000, replySizeMax: 2_000_000 });
  assert.throws(
    () => read(context, () => ['jute.maxbuffer=many']),
    /jute.maxbuffer is many, which is not a whole number/,
  );
});

test('TLS: the client reads key and trust from PEM files, and a key from PKCS #12', (context) => {
  const pem = read(context, (directory) => [
    'zookeeper.client.secure=true',
    `zookeeper.ssl.keyStore.location=${directory}/key.pem`,
    `zookeeper.ssl.keyStore.passwordPath=${directory}/password`,
    `zookeeper.ssl.trustStore.location=${directory}/trusted.pem`,
    'zookeeper.ssl.ciphersuites=A,B',
  ]);
  const key = Buffer.from('key.pem');
  const ca = Buffer.from('trusted.pem');
  assert.deepEqual(pem, { tls: { key, cert: key, passphrase: 'secret', ca, ciphers: 'A:B' } });
  const pkcs12 = read(context, (directory) => [
    'zookeeper.client.secure=true',
    `zookeeper.ssl.keyStore.location=${directory}/key.p12`,
    'zookeeper.ssl.keyStore.password=secret',
  ]);
  assert.deepEqual(pkcs12, { tls: { pfx: Buffer.from('key.p12'), passphrase: 'secret' } });
});

test('an unreadable store is reported with its name and a remedy', (context) => {
  const jks = (directory: string) => [
    'zookeeper.client.secure=true',
    `zookeeper.ssl.trustStore.location=${directory}/trusted.jks`,
  ];
  assert.throws(() => read(context, jks), /trusted.jks is of type JKS; zkcli reads PEM and PKCS12/);
  const pkcs12 = (directory: string) => [...jks(directory), 'zookeeper.ssl.trustStore.type=PKCS12'];
  assert.throws(() => read(context, pkcs12), /Convert it to a PEM file: keytool/);
});
