// Loads the page again when the program that made it has changed.
(() => {
  "use strict";
  const script = document.currentScript;
  let state = new URL(script.src).searchParams.get("b"); // what the page was made in
  let source = null;
  let timer = 0;
  let delay = 200;

  const close = () => {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
  };

  // A page that is old again after it was loaded anew comes from a cache.
  const reload = to => {
    try {
      const navigation = performance.getEntriesByType("navigation")[0];
      if (navigation.type === "reload" && sessionStorage.retortLive === to) return;
      sessionStorage.retortLive = to;
    } catch { /* there is no storage here */ }
    close();
    location.reload();
  };

  // Puts the new style sheet behind the old one, which goes when the new is there.
  const swap = (link, url, to) => {
    const next = link.cloneNode();
    url.searchParams.set("__retort__", to);
    next.href = url;
    next.onload = next.onerror = () => link.remove();
    link.after(next);
  };

  const refresh = (to, file) => {
    const found = [];
    if (file.endsWith(".css")) {
      for (const link of document.querySelectorAll("link[rel~=stylesheet][href]:not([integrity])")) {
        const url = new URL(link.href);
        if (url.origin === location.origin && url.pathname.endsWith("/" + encodeURIComponent(file))) found.push([link, url]);
      }
    }
    if (!found.length) return reload(to);
    state = to;
    for (const [link, url] of found) swap(link, url, to);
  };

  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(new URL("events", script.src));
    source.addEventListener("build", e => {
      delay = 200;
      state ||= e.data;
      if (e.data !== state) reload(e.data);
    });
    source.addEventListener("refresh", e => {
      const { state: to, file } = JSON.parse(e.data);
      refresh(to, file);
    });
    source.onerror = () => {
      const refused = source.readyState === EventSource.CLOSED;
      close();
      if (refused) return; // until the page is shown again
      timer = setTimeout(open, delay);
      delay = Math.min(delay * 2, 5000);
    };
  };

  // A hidden page keeps no connection: a browser has few of them for a server.
  document.addEventListener("visibilitychange", () => document.hidden ? close() : open());
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
})();
