// Pages of visits stay readable without network, on the phone of whoever opened them: the newest
// copy of each, for a day, until logging out. Everything else goes by this worker untouched.
"use strict";
const PARTS = "parts-{{ version }}";
const PAGES = "visits";
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const KEPT_MILLISECONDS = 24 * 60 * 60 * 1000;
const VISIT = /^\/visits\/[0-9a-f-]{36}\/$/;
const LEAVING = /^\/(logout|login)\//;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(PARTS).then((parts) => parts.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name !== PARTS && name !== PAGES;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// The server says how long a page may be read again: one with an address until its day is over.
const isOver = (answer) => {
  const age = Date.now() - Number(answer.headers.get("X-Kept-At"));
  const most = Number(answer.headers.get("X-Keep-Seconds") || Infinity) * 1000;
  return age > Math.min(KEPT_MILLISECONDS, most);
};

const copied = async (request, answer) => {
  if (!answer.ok || answer.redirected) return;
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", String(Date.now()));
  const body = await answer.blob();
  const pages = await caches.open(PAGES);
  await pages.put(request.url, new Response(body, { status: 200, headers }));
  for (const one of await pages.keys()) {
    const page = await pages.match(one);
    if (isOver(page)) await pages.delete(one);
  }
};

const page = async (event) => {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(copied(event.request, answer.clone()));
    return answer;
  } catch (error) {
    const pages = await caches.open(PAGES);
    const kept = await pages.match(event.request.url);
    if (kept && !isOver(kept)) return kept;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (LEAVING.test(url.pathname)) {
    event.waitUntil(caches.delete(PAGES));
    return;
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && VISIT.test(url.pathname)) event.respondWith(page(event));
  else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(request, { cacheName: PARTS }).then((part) => part || fetch(request)));
  }
});
