/** The lines of this run of the shell by number, for the commands `history` and `redo`. */
export class History {
  readonly lines: string[] = [];
  /** The number of the line that is running. Between lines, the number of the next line. */
  count = 0;

  begin(line: string): void {
    this.lines[this.count] = line;
  }

  end(): void {
    this.count++;
  }
}
