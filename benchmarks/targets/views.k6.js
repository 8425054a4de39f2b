// The log view as a k6 user: opens, takes lines until the server closes, counts lines and repeats.
import ws from "k6/ws";
import { Counter } from "k6/metrics";

const lines = new Counter("log_lines");
const repeated = new Counter("log_lines_repeated");

export const options = { vus: Number(__ENV.VIEWERS), iterations: Number(__ENV.VIEWS) };

export default function () {
  let count = 0;
  let next = 1;
  let again = 0;
  ws.connect(__ENV.URL, { headers: { "Sec-WebSocket-Protocol": "hotloop.log.v1" } }, (socket) => {
    socket.on("message", (line) => {
      count += 1;
      const found = /\bline (\d+)\b/.exec(line);
      if (found && Number(found[1]) < next) again += 1;
      else if (found) next = Number(found[1]) + 1;
    });
  });
  lines.add(count);
  repeated.add(again);
}
