import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { gzipped, offlineShell } from "./offline.ts";
import { twoParts } from "./texts.ts";

const gateway = process.env.MOMENTS_GATEWAY ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "./", // a proxy may serve it below a path
  plugins: [twoParts(), svelte({ configFile: false }), offlineShell(), gzipped()],
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0, // the content policy allows no inline code, and a file is cached by name
    rollupOptions: { output: { chunkFileNames: ({ facadeModuleId }) => `assets/${facadeModuleId?.endsWith("?later") ? "later-" : ""}[name]-[hash].js` } },
  },
  server: {
    proxy: {
      "/api": { target: gateway, changeOrigin: false },
      "/health": { target: gateway },
      "/live": { target: gateway, ws: true },
    },
  },
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: { include: ["tests/**/*.test.ts"], setupFiles: ["tests/texts.ts"], environment: "node", restoreMocks: true, unstubGlobals: true },
});
