// Loads the page again when the program that made it has changed.
(() => {
  "use strict";
  const script = document.currentScript;
  const name = "retort-live"; // of the lock and of the channel
  let state = new URL(script.src).searchParams.get("b"); // what the page was made in
  let known = null; // the last state that was heard of
  let source = null;
  let channel = null;
  let leave = null; // ends listening
  let timer = 0;
  let delay = 200;

  // A page that is old again after it was loaded anew comes from a cache.
  const reload = to => {
    try {
      const navigation = performance.getEntriesByType("navigation")[0];
      if (navigation.type === "reload" && sessionStorage.retortLive === to) return;
      sessionStorage.retortLive = to;
    } catch { /* there is no storage here */ }
    leave?.();
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

  // A state is a program, and how often its files were refreshed.
  const isNews = to => {
    const [program, count] = to.split(/\.(?=\d+$)/), [own, mine] = state.split(/\.(?=\d+$)/);
    return program !== own || Number(count) > Number(mine);
  };

  const heard = (to, file) => {
    state ||= to;
    if (!isNews(to)) return;
    if (file) refresh(to, file);
    else reload(to);
  };

  // Tells this page, and by way of the channel the others.
  const tell = (to, file) => {
    known = to;
    channel?.postMessage({to, file});
    heard(to, file);
  };

  const disconnect = () => {
    clearTimeout(timer);
    source?.close();
    source = known = null;
  };

  const connect = () => {
    disconnect();
    source = new EventSource(new URL("events", script.src));
    source.addEventListener("build", e => {
      delay = 200;
      tell(e.data);
    });
    source.addEventListener("refresh", e => {
      const {state: to, file} = JSON.parse(e.data);
      tell(to, file);
    });
    source.onerror = () => {
      const refused = source.readyState === EventSource.CLOSED;
      disconnect();
      if (refused) return; // until the page is shown again
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, 5000);
    };
  };

  // A browser has few connections for a server, and each stream of events takes
  // one: of all windows and frames the one with the lock connects for the others.
  const share = () => {
    const wait = new AbortController();
    let free = null;
    leave = () => {
      wait.abort();
      disconnect();
      channel?.close();
      channel = leave = null;
      free?.();
    };
    try {
      channel = new BroadcastChannel(name);
      channel.onmessage = ({data}) => {
        if (data.to) heard(data.to, data.file);
        else if (known) channel.postMessage({to: known});
      };
      channel.postMessage({});
    } catch { /* a page on its own */ }
    const hold = () => new Promise(done => {
      free = done;
      wait.signal.aborted ? done() : connect();
    });
    if (channel && navigator.locks) navigator.locks.request(name, {signal: wait.signal}, hold).catch(() => wait.signal.aborted || connect());
    else connect(); // over HTTP to another machine there are no locks
  };

  const listen = () => leave || document.hidden || share();

  // A hidden page listens to nothing. It hears of what it has missed when it is
  // shown again.
  document.addEventListener("visibilitychange", () => document.hidden ? leave?.() : listen());
  addEventListener("pagehide", () => leave?.());
  addEventListener("pageshow", listen);
  listen();
})();
