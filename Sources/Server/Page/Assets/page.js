"use strict";
const by = id => document.getElementById(id);
const make = (tag, props, ...kids) => {
  const node = Object.assign(document.createElement(tag), props || {});
  node.append(...kids.filter(kid => kid !== null && kid !== undefined));
  return node;
};
const colours = ["#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#06b6d4", "#ec4899", "#84cc16"];
const name = metric => {
  const rest = Object.entries(metric).filter(([key]) => key !== "__name__").map(([key, value]) => `${key}="${value}"`);
  return (metric.__name__ || "") + (rest.length ? `{${rest.join(", ")}}` : metric.__name__ ? "" : "{}");
};
const short = value => Number.isFinite(value) ? String(+value.toPrecision(6)) : String(value);
const table = (heads, rows) => make("table", {},
  make("thead", {}, make("tr", {}, ...heads.map(text => make("th", {textContent: text,
    className: ["last", "samples", "took"].includes(text) ? "number" : ""})))),
  make("tbody", {}, ...rows.map(cells => make("tr", {}, ...cells))));

function chart(series, start, end, step) {
  const space = "http://www.w3.org/2000/svg", width = 1000, height = 240, left = 70;
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height + 20}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const values = series.flatMap(one => one.values.map(([, text]) => Number(text))).filter(Number.isFinite);
  if (!values.length) return make("p", {className: "faint", textContent: "No finite values in this span."});
  let low = Math.min(...values), high = Math.max(...values);
  if (low === high) { low -= Math.abs(low) * .1 || 1; high += Math.abs(high) * .1 || 1; }
  const x = time => left + (time - start) / (end - start) * (width - left);
  const y = value => height - (value - low) / (high - low) * (height - 10) - 2;
  const add = (tag, attributes, text) => {
    const node = document.createElementNS(space, tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    svg.append(node);
  };
  for (const value of [low, (low + high) / 2, high]) {
    add("line", {x1: left, x2: width, y1: y(value), y2: y(value), stroke: "#8884"});
    add("text", {x: 0, y: Math.max(11, y(value) + 4)}, short(value));
  }
  for (const time of [start, (start + end) / 2, end]) {
    const anchor = time === start ? "start" : time === end ? "end" : "middle";
    add("text", {x: x(time), y: height + 16, "text-anchor": anchor}, new Date(time * 1000).toLocaleTimeString());
  }
  series.forEach((one, index) => {
    // Steps without a value are left out of the answer: the line breaks there. "h0" draws a lone point.
    let path = "", pen = "M", before = -Infinity;
    for (const [time, text] of one.values) {
      const value = Number(text);
      if (time - before > step * 1.01) pen = "M";
      before = time;
      if (!Number.isFinite(value)) { pen = "M"; continue; }
      path += `${pen}${x(time).toFixed(1)} ${y(value).toFixed(1)}${pen === "M" ? "h0" : ""}`;
      pen = "L";
    }
    add("path", {d: path, fill: "none", stroke: colours[index % colours.length], "stroke-width": 1.6,
      "stroke-linecap": "round", "vector-effect": "non-scaling-stroke"});
  });
  return svg;
}

async function ask(event) {
  if (event) event.preventDefault();
  const out = by("answer"), span = Number(by("span").value), end = Math.floor(Date.now() / 1000), start = end - span;
  const step = Math.max(1, Math.ceil(span / 300));
  const body = new URLSearchParams({query: by("query").value, start, end, step});
  try {
    const reply = await (await fetch("/api/v1/query_range", {method: "POST", body})).json();
    if (reply.status !== "success") throw new Error(reply.error);
    const series = reply.data.result.filter(one => one.values);
    const rows = series.slice(0, 50).map((one, index) => [
      make("td", {}, make("span", {className: "swatch", style: `background:${colours[index % colours.length]}`}),
        make("code", {textContent: name(one.metric)})),
      make("td", {className: "number", textContent: short(Number(one.values.at(-1)[1]))})]);
    out.replaceChildren(...(series.length
      ? [chart(series, start, end, step), table(["series", "last"], rows)]
      : [make("p", {className: "faint", textContent: "No data: no series matched, or none has samples in this span."})]));
  } catch (error) {
    out.replaceChildren(make("p", {className: "error", textContent: error.message}));
  }
}

async function targets() {
  const out = by("targets");
  try {
    const list = (await (await fetch("/api/v1/targets")).json()).data.activeTargets;
    const rows = list.map(target => [
      make("td", {className: target.health, textContent: target.health}),
      make("td", {}, make("code", {textContent: target.scrapeUrl})),
      make("td", {}, make("code", {textContent: name(target.labels)})),
      make("td", {className: "number", textContent: target.samples ?? ""}),
      make("td", {className: "number", textContent: (target.lastScrapeDuration * 1000).toFixed(1) + " ms"}),
      make("td", {className: "error", textContent: target.lastError})]);
    out.replaceChildren(rows.length
      ? table(["", "scraped", "labels", "samples", "took", "error"], rows)
      : make("p", {className: "faint", textContent: "Nothing is scraped: give --config a file with scrape_configs."}));
  } catch (error) {
    out.replaceChildren(make("p", {className: "error", textContent: "The server does not answer."}));
  }
}

by("ask").addEventListener("submit", ask);
ask(); targets();
setInterval(targets, 5000);
