// Loaded into every server from npm before its own code: it may listen on loopback only, whatever it was written to do.
import net from "node:net";

const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (first, ...rest) {
  const isPort = typeof first === "number";
  const options = isPort ? { port: first } : { ...first };
  return listen.call(this, { ...options, host: "127.0.0.1" }, ...rest.filter((one) => typeof one === "function"));
};
