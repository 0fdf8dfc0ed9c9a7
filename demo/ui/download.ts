/**
 * Hands the user a file that was made here.
 * @param parts the file's content, bytes or text, in order.
 * @param type its MIME type, as "text/csv".
 */
export function download(name: string, parts: BlobPart[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Browsers read the address after the click's own turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
