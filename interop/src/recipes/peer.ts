import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The libraries whose recipes are compared. */
export type Library = 'nodekeeper' | 'curator' | 'kazoo';

type Arguments = Readonly<Record<string, unknown>>;

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A process that uses the recipes of one library in a session of its own, as it is told. */
export class Peer {
  readonly library: Library;
  readonly #child: ChildProcess;
  readonly #open = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #errors = '';

  private constructor(library: Library, child: ChildProcess) {
    this.library = library;
    this.#child = child;
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    alive.add(child);
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        alive.delete(child);
        for (const { reject } of this.#open.values()) {
          reject(new Error(`the ${library} process ended (${code ?? signal})\n${this.#errors}`));
        }
        resolve();
      });
    });
  }

  /** Starts a process. Resolves when it has its session. */
  static async start(library: Library, command: readonly string[]): Promise<Peer> {
    const [program, ...words] = command;
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    const peer = new Peer(library, spawn(program!, words, { stdio: 'pipe', env }));
    await new Promise<void>((resolve, reject) => {
      peer.#open.set(0, { resolve: () => resolve(), reject });
      createInterface({ input: peer.#child.stdout! }).on('line', (line) => {
        peer.#replied(line === 'ready' ? { id: 0 } : (JSON.parse(line) as Reply));
      });
    });
    return peer;
  }

  #replied({ id, result, error }: Reply): void {
    const { resolve, reject } = this.#open.get(id)!;
    this.#open.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(`${this.library}: ${error}`));
  }

  /** Carries out a command. Commands with different handles run at the same time. */
  do<Result = unknown>(command: string, given: Arguments = {}): Promise<Result> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#child.stdin!.write(`${JSON.stringify({ timeoutMs: 20_000, handle: '', ...given, id, do: command })}\n`);
    });
  }

  /** Kills the process with SIGKILL. Its session expires later. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
