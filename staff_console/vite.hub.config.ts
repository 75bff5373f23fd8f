import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { gzipped } from "./offline.ts";

/* Head office at the hub: a build of its own, so that no tablet of a venue loads any of it. */
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [svelte({ configFile: false }), gzipped()],
  build: {
    target: "es2022",
    outDir: "dist/hub",
    assetsDir: "hub-assets",
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: { input: "hub.html" },
  },
});
