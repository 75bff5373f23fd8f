// The offline shell: the app's own files, and nothing else. What the gateway says is never kept here.
const VERSION = "__VERSION__";
const FILES = ["__FILES__"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))));
});

// The page asks, when nobody is in the middle of a sentence.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const file = url.pathname === "/" ? "/index.html" : url.pathname;
  if (!FILES.includes(file)) return;
  event.respondWith(caches.match(file).then((kept) => kept ?? fetch(event.request)));
});
