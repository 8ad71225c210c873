// What the browser keeps between visits. Private windows may refuse; then nothing is kept.

/** The value kept under a name, or the default. */
export function recall(name, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(`sendwatch.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value under a name. */
export function keep(name, value) {
  try {
    localStorage.setItem(`sendwatch.${name}`, JSON.stringify(value));
  } catch {
    // Nothing depends on it.
  }
}
