import { cutFaults } from './cut.js';
import { diskFaults } from './disk.js';
import type { FaultGroup, FaultKind } from './fault.js';
import { killFaults } from './kill.js';
import { pauseFaults } from './pause.js';

const faultTable: readonly FaultKind[] = [...killFaults, ...pauseFaults, ...diskFaults, ...cutFaults];

/** How often faults of each group occur, relative to the other groups. */
const groupWeights: Readonly<Record<FaultGroup, number>> = { kill: 3, pause: 3, disk: 2, cut: 5 };

/**
 * The kinds of faults in these groups. The weights are scaled, so that the frequency of a group does not depend on how
 * many kinds it has.
 */
export function faultsOf(groups: readonly FaultGroup[]): FaultKind[] {
  const rows = faultTable.filter(({ group }) => groups.includes(group));
  const sum = (group: FaultGroup) => rows.reduce((total, row) => (row.group === group ? total + row.weight : total), 0);
  return rows.map((row) => ({
    ...row,
    weight: Math.round((1_000 * groupWeights[row.group] * row.weight) / sum(row.group)),
  }));
}
