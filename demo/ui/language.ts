/** The language of the page, and of its numbers. */
export const language = languageOfCharts();

// uPlot takes the browser's language when it is loaded and fails of what is none, as "en-US@posix" on some Linux systems.
function languageOfCharts(): string {
  const own = "en";
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: own });
  }
  return own;
}
