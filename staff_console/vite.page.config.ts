import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { gzipped } from "./offline.ts";

/* A customer's own page: a build of its own, so that nothing of the staff console is in it and nothing of it in theirs. */
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [svelte({ configFile: false }), gzipped()],
  build: {
    target: "es2022",
    outDir: "dist/me",
    assetsDir: "me-assets",
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: { input: "me.html" },
  },
});
