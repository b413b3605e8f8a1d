// A store that keeps a file, and refuses writes with an old token. It needs no ZooKeeper: the token in each request is enough.
// Run it with: node examples/dist/lock-fencing/store.js [port] [file]
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

const [port = '8700', file = 'fenced-file.json'] = process.argv.slice(2);

interface Content {
  /** The largest token of all accepted writes. It is stored with the data, so that it survives a restart. */
  readonly token: number;
  readonly text: string;
}

async function load(): Promise<Content> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { token: 0, text: '' };
  }
}

let content = await load();

/** Writes the file unless the token is older than that of an earlier write. */
async function write(token: number, text: string): Promise<boolean> {
  if (!(token >= content.token)) return false;
  content = { token, text };
  await writeFile(`${file}.new`, JSON.stringify(content));
  await rename(`${file}.new`, file);
  return true;
}

// one write after the other
let last: Promise<unknown> = Promise.resolve();

async function handle(request: IncomingMessage): Promise<{ status: number; body: string }> {
  if (request.method === 'GET') return { status: 200, body: content.text };
  const token = Number(request.headers['fencing-token']);
  const body = await text(request);
  const written = last.then(() => write(token, body));
  last = written.catch(() => {});
  if (await written) {
    console.log(`writes with token ${token}: ${body}`);
    return { status: 200, body: 'written' };
  }
  console.log(`refuses token ${token}, because it has seen ${content.token}: ${body}`);
  return { status: 409, body: `token ${token} is older than ${content.token}` };
}

const server = createServer((request, response) => {
  handle(request).then(
    ({ status, body }) => response.writeHead(status).end(body),
    (error) => response.writeHead(500).end(String(error)),
  );
});
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address() as { port: number };
  console.log(`listens on http://127.0.0.1:${address.port}`);
});
