// Finds the prose in a file: comments, strings and test names in code; paragraphs and table cells in a document.

/**
 * Yields each piece of prose with the number of its first line.
 * @returns {Iterable<{ line: number, text: string }>}
 */
export function proseOf(file, source) {
  return file.endsWith('.md') ? documentProse(source) : codeProse(source);
}

function* documentProse(source) {
  let isCode = false;
  let block;
  for (const [index, raw] of source.split('\n').entries()) {
    const isFence = /^\s*```/.test(raw);
    if (isFence) isCode = !isCode;
    const isOwnLine = isFence || isCode || raw.trim() === '' || /^(\||#|\s*([-*]|\d+\.) |\s{4,}\S)/.test(raw);
    if (isOwnLine && block !== undefined) {
      yield block;
      block = undefined;
    }
    if (isFence || isCode || raw.trim() === '' || /^[|\s:-]+$/.test(raw)) continue;
    if (raw.startsWith('|')) {
      for (const cell of raw.split(/(?<!\\)\|/)) yield { line: index + 1, text: plain(cell) };
    } else if (block === undefined) block = { line: index + 1, text: plain(raw) };
    else block.text += ` ${plain(raw)}`;
  }
  if (block !== undefined) yield block;
}

/** Removes Markdown marks and code. A code span is replaced by one word. */
function plain(text) {
  return text
    .replace(/`[^`]*`/g, 'code')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*([-*]|\d+\.|#+) /, '')
    .trim();
}

const stringLiteral = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\\n]|\\.)*)`/g;

function* codeProse(source) {
  let comment;
  let isBlock = false;
  for (const [index, raw] of source.split('\n').entries()) {
    const text = commentText(raw, isBlock);
    if (/^\s*\/\*/.test(raw)) isBlock = true;
    if (isBlock && raw.includes('*/')) isBlock = false;
    if (text !== undefined) {
      if (comment === undefined || /^@/.test(text)) {
        if (comment !== undefined) yield comment;
        comment = { line: index + 1, text };
      } else comment.text += ` ${text}`;
      continue;
    }
    if (comment !== undefined) yield comment;
    comment = undefined;
    for (const [, single, double, template] of raw.matchAll(stringLiteral)) {
      const value = single ?? double ?? template ?? '';
      if (/[a-z]+ [a-z]+ [a-z]/i.test(value)) yield { line: index + 1, text: value.replace(/\$\{[^}]*\}/g, 'value') };
    }
    const trailing = / \/\/ (.*)$/.exec(raw);
    if (trailing !== null) yield { line: index + 1, text: trailing[1] };
  }
  if (comment !== undefined) yield comment;
}

/** Returns the text of a line that contains only a comment. Returns undefined for any other line. */
function commentText(raw, isBlock) {
  const found = isBlock ? /^\s*\*?\s?(.*)$/.exec(raw) : /^\s*(?:\/\/|\/\*\*?)\s?(.*)$/.exec(raw);
  return found === null
    ? undefined
    : found[1]
        .replace(/\*\/.*$/, '')
        .replace(/`[^`]*`/g, 'code')
        .trim();
}
