// Files as they are chosen or dropped.
import type { PictureFile } from "../../worker/table/pictures.ts";

/** What came with one choice or drop. */
export interface Chosen {
  /** Of the file or the folder. */
  readonly name: string;
  readonly files: readonly PictureFile[];
}

/** The files of an input that takes folders. */
export function chosenFolder(list: FileList): Chosen {
  const files = [...list].filter(({ name }) => !isHidden(name));
  const paths = files.map((file) => file.webkitRelativePath.split("/"));
  return {
    name: paths[0]?.[0] ?? "pictures",
    files: files.map((file, i) => ({ file, folder: paths[i]?.at(-2) ?? "" })),
  };
}

/** The files that were dropped, those in folders too. */
export async function dropped({ items, files }: DataTransfer): Promise<Chosen> {
  // The list is emptied at the first wait.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const plain = [...files].map((file) => ({ file, folder: "" }));
  const found = entries.length > 0 ? [] : plain;
  for (const entry of entries) found.push(...(await filesIn(entry, "")));
  const name = entries[0]?.name ?? plain[0]?.file.name ?? "";
  return { name, files: found.filter(({ file }) => !isHidden(file.name)) };
}

async function filesIn(entry: FileSystemEntry, folder: string): Promise<PictureFile[]> {
  if (isFile(entry)) return [{ file: await new Promise<File>((give, fail) => entry.file(give, fail)), folder }];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: PictureFile[] = [];
  for (;;) {
    // Each call gives some of the entries, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((give, fail) => reader.readEntries(give, fail));
    if (entries.length === 0) return found;
    // One after the other: files that come all at once hold the page up.
    for (const each of entries) found.push(...(await filesIn(each, entry.name)));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";
}
