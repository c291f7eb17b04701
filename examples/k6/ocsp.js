// Checks res.ocsp for every server of `ocsplab serve`. README.md says how to run
// it.
import http from 'k6/http';
import { check } from 'k6';
import { Counter } from 'k6/metrics';

const lab = JSON.parse(open(__ENV.OCSPLAB_JSON));

// An exception ends an iteration without a failed check, so servers are counted
// too.
const seen = new Counter('servers_checked');

export const options = {
  vus: 1,
  iterations: 1,
  thresholds: {
    checks: ['rate==1'],
    servers_checked: [`count==${lab.servers.length}`],
  },
};

// k6 reports the year 1 for absent times.
const NO_TIME = -62135596800;

// k6 uses seconds, ocsplab milliseconds.
function seconds(ms) {
  return ms === undefined ? NO_TIME : ms / 1000;
}

// expected returns the res.ocsp of a server.
function expected(server) {
  const ocsp = server.ocsp;
  if (ocsp === null || ocsp.status === http.OCSP_STATUS_SERVER_FAILED) {
    // k6 does not distinguish between no staple and an OCSP error.
    return {
      status: http.OCSP_STATUS_UNKNOWN,
      revocation_reason: '',
      produced_at: 0,
      this_update: 0,
      next_update: 0,
      revoked_at: 0,
    };
  }
  return {
    status: ocsp.status,
    revocation_reason: ocsp.revocation_reason || http.OCSP_REASON_UNSPECIFIED,
    produced_at: seconds(ocsp.produced_at),
    this_update: seconds(ocsp.this_update),
    next_update: seconds(ocsp.next_update),
    revoked_at: seconds(ocsp.revoked_at),
  };
}

export default function () {
  for (const server of lab.servers) {
    const res = http.get(server.url);
    const checks = {
      [`${server.name}: connects`]: (r) => r.status === 200,
    };
    for (const [field, want] of Object.entries(expected(server))) {
      checks[`${server.name}: ${field}`] = (r) => r.ocsp[field] === want;
    }
    if (!check(res, checks)) {
      console.error(`${server.name}: ${res.error || JSON.stringify(res.ocsp)}`);
    }
    seen.add(1);
  }
}
