// An OpenID provider for tests: a port of its own, one client, and the people of a file that the test rewrites.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { ACCOUNTS, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL } = process.env;

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${PUBLIC_URL}/api/v1/auth/oidc/callback`],
        post_logout_redirect_uris: [`${PUBLIC_URL}/sign-in`],
      },
    ],
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified", "groups"] },
    cookies: { keys: ["for tests only"] },
    pkce: { required: () => true },
    findAccount: (_, id) => {
      const known = JSON.parse(readFileSync(ACCOUNTS, "utf8"))[id];
      return known && { accountId: id, claims: () => ({ sub: id, ...known }) };
    },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
