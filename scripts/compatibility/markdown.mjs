// Formats text as Markdown: anchors as on GitHub, and lists with wrapped lines.

const width = 120;
/** Words that Markdown would read as the start of a list item, a heading or a quotation if a line began with them. */
const looksLikeItem = /^([-+*>]|#+|\d+[.)])$/;

/** The anchor that GitHub gives to a heading. */
export function slugOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Wraps a paragraph. The first line begins with `start`, and the other lines are indented by the width of `start`. */
export function wrapped(text, start = '') {
  const lines = [start];
  let isFirst = true;
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (!isFirst && line.length + 1 + word.length > width && !looksLikeItem.test(word))
      lines.push(' '.repeat(start.length) + word);
    else lines[lines.length - 1] = isFirst ? line + word : `${line} ${word}`;
    isFirst = false;
  }
  return lines.join('\n');
}

export function item(text, depth = 0) {
  return wrapped(text, `${'  '.repeat(depth)}- `);
}

export function table(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(rows[0]), line(rows[0].map(() => '---')), ...rows.slice(1).map(line)].join('\n');
}

/** Escapes a text so that Markdown shows it unchanged. */
export function plain(text) {
  return text.replace(/[*<]/g, '\\$&');
}
