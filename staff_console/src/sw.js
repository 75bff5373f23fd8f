// The offline shell: the app's own files, and nothing else. What the gateway says is never kept here.
const BASE = new URL("./", location.href).pathname; // a proxy may serve us below a path
const OURS = `moments ${BASE} `; // others may keep things at this origin too
const VERSION = OURS + "__VERSION__";
const FILES = ["__FILES__"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES.map((file) => new Request(BASE + file, { cache: "reload" })))));
});

// The page asks, when nobody is in the middle of a sentence.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name.startsWith(OURS) && name !== VERSION) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (!url.pathname.startsWith(BASE)) return;
  const file = url.pathname.slice(BASE.length) || "index.html";
  if (!FILES.includes(file)) return;
  event.respondWith(caches.match(BASE + file).then((kept) => kept ?? fetch(event.request)));
});
