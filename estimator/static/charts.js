// Draws the page's charts with ECharts in place of the server's pictures, which stay for print and without JavaScript.
// Canvas and rich-text tooltips only: both leave inline styles, which the page's security policy forbids, alone.
(function () {
  "use strict";

  const DASHES = ["solid", [9, 5], [3, 4], [12, 4, 3, 4], [6, 3], [2, 3], [14, 6]];
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin", "arrow"];
  const SCALES = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];
  const drawn = new Map();

  function drawAll() {
    for (const box of document.querySelectorAll(".chart-live")) if (!drawn.has(box)) draw(box);
  }

  function draw(box) {
    const data = JSON.parse(box.dataset.chart);
    box.hidden = false;
    box.parentElement.classList.add("is-live");
    const chart = echarts.init(box, null, { renderer: "canvas" });
    chart.setOption(options(data, box));
    drawn.set(box, { chart, data });
  }

  function forgetRemoved() {
    for (const [box, { chart }] of drawn) {
      if (!document.contains(box)) {
        chart.dispose();
        drawn.delete(box);
      }
    }
  }

  function redrawAll() {
    for (const [box, { chart, data }] of drawn) chart.setOption(options(data, box), { notMerge: true });
  }

  function options(data, box) {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue("--" + name).trim();
    const text = { color: token("muted"), fontFamily: getComputedStyle(box).fontFamily, fontSize: 12 };
    const narrow = box.clientWidth < 520;
    return {
      animation: false,
      textStyle: text,
      grid: { left: 8, right: 20, top: narrow && data.x.log ? 76 : 44, bottom: 32, containLabel: true },
      tooltip: {
        trigger: data.series.some((series) => series.joined) && data.x.log ? "axis" : "item",
        renderMode: "richText",
        confine: true,
        backgroundColor: token("surface"),
        borderColor: token("line-strong"),
        textStyle: { ...text, color: token("ink"), lineHeight: 18 },
        axisPointer: { type: "line", snap: true, lineStyle: { color: token("line-strong") }, label: { show: false } },
        formatter: (given) => tooltip(data, Array.isArray(given) ? given : [given]),
      },
      xAxis: { ...axis(data.x, text, token), nameLocation: "middle", nameGap: 28 },
      yAxis: { ...axis(data.y, text, token), nameTextStyle: { ...text, align: "left", padding: [0, 0, 8, -40] } },
      series: data.series.flatMap((series, index) => drawSeries(data, series, index, token, text, narrow)),
    };
  }

  function axis(given, text, token) {
    return {
      type: given.log ? "log" : "value",
      name: given.title,
      nameTextStyle: text,
      min: given.low,
      max: given.high,
      axisLabel: { ...text, formatter: short, hideOverlap: true, customValues: given.ticks },
      axisLine: { show: false },
      axisTick: { show: false, customValues: given.ticks },
      splitLine: { lineStyle: { color: token("line") }, customValues: given.ticks },
    };
  }

  // A band is two lines on top of each other, of which only the area between them is seen.
  function drawSeries(data, series, index, token, text, narrow) {
    const colour = token("series-" + series.style);
    const shared = { type: "line", showSymbol: false, silent: true, lineStyle: { opacity: 0 }, itemStyle: { color: colour } };
    const line = {
      type: series.joined ? "line" : "scatter",
      name: series.name,
      data: series.points.map((point) => [point.x, point.y]),
      symbol: SYMBOLS[series.style],
      symbolSize: 8,
      showSymbol: series.points.every((point) => point.low === null),
      lineStyle: { width: 2.25, color: colour, type: DASHES[series.style] },
      itemStyle: { color: colour },
      emphasis: { disabled: true },
      z: 3,
    };
    if (index === 0) line.markLine = marks(data, token, text, narrow);
    if (series.points.some((point) => point.low === null)) return [line];
    const stack = "band-" + index;
    const low = series.points.map((point) => [point.x, point.low]);
    const rest = series.points.map((point) => [point.x, point.high - point.low]);
    return [
      { ...shared, stack, data: low, tooltip: { show: false } },
      { ...shared, stack, data: rest, areaStyle: { color: colour, opacity: data.series.length > 3 ? 0.06 : 0.13, origin: "start" }, tooltip: { show: false } },
      line,
    ];
  }

  function marks(data, token, text, narrow) {
    const middle = Math.sqrt(data.x.low * data.x.high);
    const colours = { plain: token("ink"), difference: token("accent"), limit: token("bad") };
    return {
      silent: true,
      symbol: "none",
      data: data.marks.map((mark, number) => ({
        [mark.axis + "Axis"]: mark.at,
        lineStyle: { color: colours[mark.kind], type: [4, 4], width: 1.25 },
        label: {
          ...text,
          color: colours[mark.kind],
          lineHeight: 14,
          formatter: narrow ? mark.label.replace(": ", ":\n") : mark.label,
          position: mark.axis === "y" ? "insideStartTop" : "end",
          align: mark.axis === "y" ? "left" : mark.at < middle ? "left" : "right",
          distance: mark.axis === "y" ? 4 : 4 + 14 * (number % 2) * (narrow ? 2 : 1),
        },
      })),
    };
  }

  function tooltip(data, given) {
    const named = given.filter((one) => one.seriesName && data.series.some((series) => series.name === one.seriesName));
    if (!named.length) return "";
    const rows = named.map((one) => row(data, one));
    return [short(named[0].value[0]) + " " + data.x.title, ...rows].join("\n");
  }

  function row(data, one) {
    const series = data.series.find((candidate) => candidate.name === one.seriesName);
    const point = series.points[one.dataIndex];
    const unit = data.y.unit === "money" ? data.currency + " " : "";
    const after = data.y.unit === "ms" ? " ms" : "";
    const band = point.low === null ? "" : " (" + amount(point.low) + " to " + amount(point.high) + ")";
    return one.seriesName + ": " + unit + amount(point.y) + after + band + (point.note ? ", " + point.note : "");
  }

  function amount(value) {
    return value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 2 : 0 });
  }

  function short(value) {
    for (const [scale, letter] of SCALES) {
      if (value >= scale * 0.9995) return Number((value / scale).toPrecision(3)) + letter;
    }
    return String(Number(value.toPrecision(3)));
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:afterSettle", function () {
    forgetRemoved();
    drawAll();
  });
  window.addEventListener("resize", function () {
    for (const { chart } of drawn.values()) chart.resize();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
})();
