// Draws the icon: the ring of fifteen seconds, three quarters full, on ivory. `npm run icons` writes the PNGs and the SVG.
import { writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

const INK = [29, 27, 23];
const IVORY = [250, 246, 237];
const GREEN = [31, 90, 74];
const RADIUS = 0.27; // of the side; inside the safe zone of a maskable icon
const HALF_WIDTH = 0.05;
const FULL = 0.75;
const SAMPLES = 4; // per side of a pixel

function colourAt(x, y) {
  const [dx, dy] = [x - 0.5, y - 0.5];
  const distance = Math.hypot(dx, dy);
  if (distance < 0.075) return INK;
  const turn = (Math.atan2(dx, -dy) / (2 * Math.PI) + 1) % 1; // clockwise from the top
  const ends = [[0.5, 0.5 - RADIUS], [0.5 - RADIUS, 0.5]].some(([ex, ey]) => Math.hypot(x - ex, y - ey) <= HALF_WIDTH);
  const onRing = Math.abs(distance - RADIUS) <= HALF_WIDTH && turn <= FULL;
  return onRing || ends ? GREEN : IVORY;
}

function pixel(px, py, side) {
  const sum = [0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const x = (px + ((i % SAMPLES) + 0.5) / SAMPLES) / side;
    const y = (py + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / side;
    colourAt(x, y).forEach((value, channel) => (sum[channel] += value));
  }
  return sum.map((value) => Math.round(value / SAMPLES ** 2));
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(side) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8); // eight bits a channel, RGB
  const rows = [];
  for (let y = 0; y < side; y++) rows.push(Buffer.from([0, ...Array.from({ length: side }, (_, x) => pixel(x, y, side)).flat()]));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.concat(rows), { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

const css = (rgb) => `rgb(${rgb.join(" ")})`;
const [r, w] = [RADIUS * 100, HALF_WIDTH * 200];
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" rx="22" fill="${css(IVORY)}"/>
<path d="M50 ${50 - r}A${r} ${r} 0 1 1 ${50 - r} 50" fill="none" stroke="${css(GREEN)}" stroke-width="${w}" stroke-linecap="round"/>
<circle cx="50" cy="50" r="7.5" fill="${css(INK)}"/></svg>
`;

for (const side of [192, 512]) writeFileSync(new URL(`public/icon-${side}.png`, import.meta.url), png(side));
writeFileSync(new URL("public/icon.svg", import.meta.url), svg);
