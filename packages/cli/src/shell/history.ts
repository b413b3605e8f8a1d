/** The lines of this run of the shell, indexed by number, for the commands `history` and `redo`. */
export class History {
  readonly lines: string[] = [];
  /** The number of the line that is running. If no line is running, the number that the next line gets. */
  count = 0;

  begin(line: string): void {
    this.lines[this.count] = line;
  }

  end(): void {
    this.count++;
  }
}
