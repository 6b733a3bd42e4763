"use strict";
// What pages cannot say in markup: the side panel, the board's keys and drags, drop zones, toasts. All else is htmx.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const body = document.body;
const panel = $("#panel");

function toast(text, level = "info") {
  const box = $("#toast").content.cloneNode(true).firstElementChild;
  box.classList.add(level);
  $("span", box).textContent = text;
  $("use", box).setAttribute("href", $("use", box).getAttribute("href").replace(/#.*/, level === "info" ? "#check" : "#alert"));
  $("#toasts").append(box);
  $$("#toasts .toast").slice(0, -3).forEach((old) => old.remove());
  fade(box, level === "info" ? 5000 : 12000);
}

function fade(box, after) {
  let timer = setTimeout(() => box.remove(), after);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => { timer = setTimeout(() => box.remove(), 3000); });
}

$$("#toasts .toast").forEach((box) => fade(box, 8000));
addEventListener("load", () => {
  // once the browser has gone to the address's fragment, which takes the focus away
  if (document.activeElement === body) $("#main [aria-invalid=true]")?.focus();
});
body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));

let dragged = null;

body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const asked = requestConfig.triggeringEvent?.type === "refresh";
  const busy = document.hidden || dragged || $("#moves:popover-open") || elt.matches("#desk:focus-within");
  if (elt.matches("#poll, #desk") && busy && !asked) event.preventDefault();
});
body.addEventListener("htmx:sendError", (event) => {
  body.classList.add("is-offline");
  if (!event.detail.elt.matches("#poll, #desk")) toast(body.dataset.lost, "error");
});
body.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, requestConfig, successful } = event.detail;
  if (xhr.status) body.classList.remove("is-offline");
  if (xhr.status >= 400 && !xhr.getResponseHeader("HX-Trigger")) toast(body.dataset.failed, "error");
  if (successful && requestConfig.verb !== "get") htmx.trigger(body, "refresh");
});

const told = () => {}; // a request that failed was told by htmx:sendError

function show(url) {
  return htmx.ajax("GET", url, { target: panel, swap: "innerHTML" }).then(() => {
    const number = $(".task", panel)?.dataset.number;
    if (number) remember(number), mark($(`#board .c[href="/tasks/${CSS.escape(number)}"]`));
    $("form.ask :is(input, select, textarea):invalid, h1[tabindex]", panel)?.focus({ preventScroll: true });
  }, told);
}

function mark(card) {
  $$(".c[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  card?.setAttribute("aria-current", "true");
}

function remember(number) {
  const here = new URL(location);
  if (number) here.searchParams.set("panel", number);
  else here.searchParams.delete("panel");
  history.replaceState(history.state, "", here);
}

function close() {
  const card = $(".c[aria-current]");
  panel.replaceChildren();
  mark(null);
  remember(null);
  card?.focus();
}

document.addEventListener("click", (event) => {
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const link = event.target.closest("a[data-panel], a.c");
  if (link && plain && panel) {
    event.preventDefault();
    show(link.href);
  } else if (event.target.closest("[data-close]")) close();
  else if (event.target.closest(".toast button")) event.target.closest(".toast").remove();
  const copied = event.target.closest("[data-copy]");
  if (copied) navigator.clipboard?.writeText($(copied.dataset.copy).innerText);
  $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

const wanted = new URLSearchParams(location.search).get("panel");
if (wanted && panel) window.addEventListener("load", () => show(`/tasks/${encodeURIComponent(wanted)}`));

const board = () => $("#board");
const column = (card) => card.closest(".col");

function count(card, by) {
  const number = $("header b", column(card));
  number.textContent = Number(number.textContent) + by;
}

function place(card) {
  const old = document.getElementById(card.id);
  const target = $(`.col[data-state="${card.dataset.s}"] .cards`, board());
  const held = old && document.activeElement === old;
  if (old?.getAttribute("aria-current")) card.setAttribute("aria-current", "true");
  if (old && column(old) === target?.closest(".col")) old.replaceWith(card);
  else {
    if (old) count(old, -1), old.remove();
    if (target) target.prepend(card), count(card, 1), card.classList.add("new");
  }
  htmx.process(card);
  if (held) card.focus();
}

function take(box) {
  if (!board()) return;
  $$(".c", box).forEach(place);
  for (const id of (box.dataset.gone || "").split(" ").filter(Boolean)) {
    const card = document.getElementById(`t${id}`);
    if (card) count(card, -1), card.remove();
  }
}

body.addEventListener("htmx:afterSwap", (event) => {
  const box = event.detail.target.id === "inbox" ? event.detail.target : $("#poll");
  if (event.detail.target.id === "inbox" || event.detail.requestConfig?.elt?.id === "poll") take(box);
});

function verbs(card) {
  const known = JSON.parse(board().dataset.verbs);
  return card.dataset.m.split(" ").filter((name) => known[name]).map((name) => ({ name, ...known[name] }));
}

function move(card, verb) {
  const url = `${card.getAttribute("href")}/verbs/${verb.name}`;
  if (verb.asks) return show(url);
  const values = { version: card.dataset.v, show: "card" };
  return htmx.ajax("POST", url, { source: "#inbox", target: "#inbox", swap: "innerHTML", values }).catch(told);
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".c");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("drag");
  const reach = new Set([column(dragged).dataset.state, ...verbs(dragged).map((verb) => verb.to)]);
  $$(".col").forEach((each) => each.classList.toggle("no", !reach.has(each.dataset.state)));
});
document.addEventListener("dragover", (event) => {
  const target = dragged ? event.target.closest?.(".col") : event.target.closest?.("[data-drop]");
  $$(".over").forEach((each) => { if (each !== target) each.classList.remove("over"); });
  if (!target) return;
  event.preventDefault();
  target.classList.toggle("over", target !== (dragged && column(dragged)));
});
document.addEventListener("drop", (event) => {
  const target = $(".over");
  if (!target) return;
  event.preventDefault();
  target.classList.remove("over");
  if (!dragged) {
    const input = $("input[type=file]", target);
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const verb = verbs(dragged).find((each) => each.to === target.dataset.state);
  if (verb) move(dragged, verb);
  else toast(board().dataset.no, "warn");
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("drag");
  dragged = null;
  $$(".col").forEach((each) => each.classList.remove("no", "over"));
});

function openMoves(card) {
  const box = $("#moves");
  const buttons = verbs(card).map((verb, index) => {
    const button = document.createElement("button");
    const key = document.createElement("kbd");
    key.textContent = index + 1;
    button.append(verb.label, index < 9 ? key : "");
    button.addEventListener("click", () => { box.hidePopover(); card.focus(); move(card, verb); });
    return button;
  });
  if (!buttons.length) return toast(board().dataset.no, "warn");
  const at = card.getBoundingClientRect();
  box.replaceChildren(...buttons);
  box.showPopover();
  box.style.inset = `${Math.max(8, Math.min(at.top + 24, innerHeight - box.offsetHeight - 8))}px auto auto ${Math.min(at.left + 24, innerWidth - box.offsetWidth - 8)}px`;
  buttons[0].focus();
}

const STEPS = { ArrowDown: [0, 1], j: [0, 1], ArrowUp: [0, -1], k: [0, -1], ArrowRight: [1, 0], l: [1, 0], ArrowLeft: [-1, 0], h: [-1, 0] };

function step(card, [across, down]) {
  const columns = $$(".col").map((each) => $$(".c", each)).filter((cards) => cards.length);
  if (!card) return columns[0]?.[0]?.focus();
  const here = columns.findIndex((cards) => cards.includes(card));
  const row = columns[here].indexOf(card);
  const cards = columns[here + across] || columns[here];
  cards[Math.max(0, Math.min(row + down, cards.length - 1))].focus();
}

let pending = "";

function onBoard(event, card) {
  if (event.key in STEPS) {
    step(card, STEPS[event.key]);
    return true;
  }
  if (card && event.key === "m") return openMoves(card), true;
  return false;
}

function go(key) {
  const before = pending;
  pending = key === "g" ? "g" : "";
  const link = before === "g" ? $(`[data-go="${key}"]`) : key === "c" ? $("#create") : null;
  link?.click();
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (event.key === "Escape" && !$(":popover-open")) {
    if (typing) event.target.blur();
    else if (panel?.firstElementChild) close();
    return;
  }
  if (typing) return;
  const menu = $("#moves:popover-open");
  if (menu) {
    const items = $$("button", menu);
    const next = items.indexOf(document.activeElement) + ({ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key] || NaN);
    if (event.key >= "1" && event.key <= "9") items[event.key - 1]?.click();
    else if (!Number.isNaN(next)) items[(next + items.length) % items.length].focus();
    else return;
    event.preventDefault();
    return;
  }
  const card = event.target.closest?.(".c");
  const free = card || event.target === body || event.target.matches?.("#main, #board");
  let done = true;
  if (event.key === "/") $("#search")?.focus();
  else if (event.key === "?") $("#help")?.togglePopover();
  else if (board() && free && onBoard(event, card)) done = true;
  else done = go(event.key);
  if (done) event.preventDefault();
});

document.addEventListener("change", (event) => {
  const { target } = event;
  const zone = target.closest("[data-drop]");
  if (zone && target.files.length) $("strong", zone).textContent = [...target.files].map((file) => file.name).join(", ");
  if (target.matches("[data-all]"))
    for (const box of $$("tbody [type=checkbox]", target.closest("table"))) box.checked = target.checked;
  if (target.closest("form[data-auto]")) target.form.requestSubmit();
});
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.method === "get") for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
