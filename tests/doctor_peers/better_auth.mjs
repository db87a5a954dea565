// better-auth as its documentation sets it up for an app that is no web page: email and password, the bearer and
// the JWT plugin, everything in memory. Prints the port it listens on.
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { bearer, jwt } from "better-auth/plugins";

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const auth = betterAuth({
    baseURL: `http://127.0.0.1:${port}`,
    secret: "a secret of this test only, on loopback",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
    emailAndPassword: { enabled: true },
    plugins: [bearer(), jwt()],
    telemetry: { enabled: false },
  });
  server.on("request", toNodeHandler(auth));
  console.log(port);
});
