// The embedded software adapter: SwiftShader, as the package @sparticuz/chromium carries it.
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { parseTar } from "nanotar";
import { unpackOnce } from "./cache.ts";
import { findPackage } from "./packages.ts";

export const chromiumPackage = "@sparticuz/chromium";

const driver = "vk_swiftshader_icd.json";
const libraries = ["libvulkan.so.1", "libvk_swiftshader.so"];

/** The environment a process must be started with to see the embedded adapter, or why there is none. */
export type Embedded =
  | { readonly environment: Record<string, string>; readonly reason?: undefined }
  | { readonly environment?: undefined; readonly reason: string };

/** Unpacks the embedded adapter when that has not been done yet. */
export async function embeddedAdapter(platform = `${process.platform} ${process.arch}`): Promise<Embedded> {
  if (platform !== "linux x64") return { reason: `the embedded adapter is for Linux x64, this is ${platform}` };
  const chromium = findPackage(chromiumPackage);
  if (!chromium) return { reason: `the package ${chromiumPackage} is not installed` };
  try {
    const folder = await unpackOnce(`swiftshader-${chromium.version}`, async (target) => {
      const archive = await readFile(join(chromium.folder, "bin", "swiftshader.tar.br"));
      const files = new Map(parseTar(brotliDecompressSync(archive)).map((file) => [file.name, file.data]));
      for (const name of [driver, ...libraries]) {
        const data = files.get(name);
        if (!data) throw new Error(`swiftshader.tar.br holds no ${name}`);
        await writeFile(join(target, name), data);
      }
    });
    return {
      environment: {
        // The loader reads the second name; versions before 1.3.207 only the first.
        VK_ICD_FILENAMES: join(folder, driver),
        VK_DRIVER_FILES: join(folder, driver),
        LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
      },
    };
  } catch (error) {
    return { reason: `${chromiumPackage} ${chromium.version} could not be unpacked (${(error as Error).message})` };
  }
}
