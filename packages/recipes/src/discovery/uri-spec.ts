/** A part of Curator's `UriSpec`: literal text, or the name of a variable. */
export interface UriPart {
  readonly value: string;
  readonly variable: boolean;
}

/** The variables that stand for a brace, because braces delimit variables. */
const braces: Readonly<Record<string, string>> = { '[': '{', ']': '}' };

/**
 * Splits a template such as `{scheme}://{address}:{port}` into its parts. Returns undefined if a variable has no closing
 * brace.
 */
export function uriParts(template: string): UriPart[] | undefined {
  const parts: UriPart[] = [];
  for (const [piece, name] of template.matchAll(/\{([^}]*)\}|[^{]+|\{/g)) {
    if (piece === '{') return undefined;
    const variable = name !== undefined;
    const value = variable ? name.trim() : piece;
    if (value !== '') parts.push({ value, variable });
  }
  return parts;
}

/** Returns the template of parts. A brace in literal text becomes the variable that stands for it. */
export function uriTemplate(parts: readonly UriPart[]): string {
  const literal = (text: string) => text.replace(/[{}]/g, (brace) => (brace === '{' ? '{[}' : '{]}'));
  return parts.map(({ value, variable }) => (variable ? `{${value}}` : literal(value))).join('');
}

/** Replaces the variables of a template. A variable without a value becomes empty text. */
export function fillTemplate(template: string, values: Readonly<Record<string, unknown>>): string {
  const textOf = (name: string) => braces[name] ?? (Object.hasOwn(values, name) ? (values[name] ?? '') : '');
  const parts = uriParts(template) ?? [];
  return parts.map(({ value, variable }) => (variable ? textOf(value) : value)).join('');
}
