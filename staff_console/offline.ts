import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const SHELL = ["index.html", "manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"];

/** Writes `sw.js` beside the bundle, with the names of all files of the app and a version made of their contents. */
export function offlineShell(): Plugin {
  return {
    name: "offline-shell",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const built = Object.values(bundle).filter((file) => !file.fileName.endsWith(".map"));
        const kept = readdirSync("public").filter((name) => SHELL.includes(name));
        const hash = createHash("sha256");
        for (const file of built) hash.update(file.fileName).update(file.type === "chunk" ? file.code : file.source);
        for (const name of kept) hash.update(name).update(readFileSync(`public/${name}`));
        const source = readFileSync("src/sw.js");
        const version = hash.update(source).digest("hex").slice(0, 12);
        const files = [...new Set([...built.map((file) => file.fileName), ...kept, "index.html"])];
        const text = source.toString().replace('"__VERSION__"', JSON.stringify(version)).replace('["__FILES__"]', JSON.stringify(files));
        this.emitFile({ type: "asset", fileName: "sw.js", source: text });
      },
    },
  };
}

/** Writes each script and style gzipped too, for a venue's Wi-Fi. */
export function gzipped(): Plugin {
  return {
    name: "gzipped",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const file of Object.values(bundle).filter((one) => /\.(js|css)$/.test(one.fileName) && one.fileName !== "sw.js"))
          this.emitFile({ type: "asset", fileName: `${file.fileName}.gz`, source: gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }) });
      },
    },
  };
}
