import { runCommand } from './commands.js';
import { lineDiff } from './line-diff.js';
import { Scenario } from './scenario.js';
import { formatScenario, isBlock, parseScenario } from './scenario-file.js';
import { UsageError } from './usage.js';

export const updateHint = 'npm test -- --update';

/**
 * Runs a scenario and compares the trace of each command with the recorded trace. Throws an error that shows the first
 * difference.
 */
export function compareScenario(name: string, content: string): void {
  const scenario = new Scenario();
  for (const { line, command, recorded } of parseScenario(content).filter(isBlock)) {
    const place = `${name}:${line}: ${command}`;
    const trace = played(scenario, place, command, recorded);
    if (recorded === undefined) throw new Error(`${place}\nhas no recording; "${updateHint}" makes one`);
    if (recorded.join('\n') === trace.join('\n')) continue;
    throw new Error(`${place}\nhas a different trace from the recorded one (-):\n\n${lineDiff(recorded, trace)}\n
If the change is wanted, "${updateHint}" records it.`);
  }
}

/** Runs a scenario, and returns the content of its file with the new traces. */
export function recordScenario(name: string, content: string): string {
  const scenario = new Scenario();
  const parts = parseScenario(content).map((part) => {
    if (!isBlock(part)) return part;
    const { line, command, recorded } = part;
    return { ...part, recorded: played(scenario, `${name}:${line}: ${command}`, command, recorded) };
  });
  return formatScenario(parts);
}

/**
 * Runs one command and returns its trace. Throws an error if the command fails. The error shows the events before the
 * failure.
 */
function played(scenario: Scenario, place: string, command: string, recorded: readonly string[] = []): string[] {
  try {
    return runCommand(scenario, command);
  } catch (error) {
    if (error instanceof UsageError) throw new Error(`${place}\n${error.message}`);
    const { message } = error as Error;
    const difference = lineDiff(recorded, scenario.trace.take());
    throw new Error(`${place}\nfails after this trace (- is recorded):\n\n${difference}\n\n${message}`, {
      cause: error,
    });
  }
}
