import { choice, flag, inapplicable, later, list, opens, text } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

const secret = { secret: true } as const;

/** ZooKeeper's provider classes for the authentication schemes that nodekeeper always supports. */
const providersThatExist = ['Digest', 'Ensemble', 'IP'].map(
  (scheme) => `org.apache.zookeeper.server.auth.${scheme}AuthenticationProvider`,
);

/** Options of security, administration and audit, and properties that ZooKeeper's Java client also reads. */
export const securityOptions: readonly OptionRow[] = [
  opens(
    'authProvider.*',
    '',
    'Class of an additional authentication provider.',
    {
      effect:
        'nodekeeper cannot load Java classes and has no SASL yet, so it would serve clients without this authentication',
      advice: 'remove it if that is acceptable',
    },
    { actual: providersThatExist },
  ),
  flag('DigestAuthenticationProvider.enabled', 'digestAuthEnabled', 'Enables the digest scheme.'),
  text('DigestAuthenticationProvider.superDigest', 'digestAuthSuperDigest', 'super:hash of the super user.', secret),
  choice(
    'DigestAuthenticationProvider.digestAlg',
    'digestAuthAlgorithm',
    {
      sha1: 'sha1',
      'sha-1': 'sha1',
      sha: 'sha1',
      'sha-224': 'sha224',
      'sha-256': 'sha256',
      'sha-384': 'sha384',
      'sha-512': 'sha512',
      'sha-512/224': 'sha512-224',
      'sha-512/256': 'sha512-256',
      'sha3-224': 'sha3-224',
      'sha3-256': 'sha3-256',
      'sha3-384': 'sha3-384',
      'sha3-512': 'sha3-512',
      md5: 'md5',
    },
    'SHA1',
    'Hash of digest identities.',
  ),
  later('less', 'X509AuthenticationProvider.superUser', '', 'Distinguished name of the super user.'),
  later('less', 'superUser', '', 'SASL name of the super user.'),
  later('less', 'superUser.*', '', 'An additional SASL super user.'),
  later('less', 'SASLAuthenticationProvider.superPassword', '', 'SASL password of super.', secret),
  later('less', 'letAnySaslUserDoX', '', 'Identity that matches every SASL user.'),
  list('ensembleAuthName', 'ensembleAuthNames', 'Ensemble names that `addauth ensemble` accepts.'),
  later('nothing', 'IPAuthenticationProvider.usexforwardedfor', 'false', 'Trusts X-Forwarded-For.'),
  flag('enforce.auth.enabled', 'enforceAuthEnabled', 'Clients must authenticate.'),
  list('enforce.auth.schemes', 'enforceAuthSchemes', 'Schemes that count as authentication for enforce.auth.enabled.'),
  opens('sessionRequireClientSASLAuth', 'false', 'Clients must authenticate with SASL.', {
    effect: 'there is no SASL yet, so every client would be admitted',
    advice: 'use enforce.auth.enabled and enforce.auth.schemes, or remove it',
  }),
  later('nothing', 'allowSaslFailedClients', 'false', 'Keep clients whose SASL authentication failed.'),
  later('less', 'sasl.serverconfig', 'Server', 'JAAS section of the server.'),
  later('less', 'java.security.auth.login.config', '', 'JAAS file. ZooKeeper reads it with -D only.'),
  later('nothing', 'kerberos.removeHostFromPrincipal', 'false', 'Shape of a Kerberos identity.'),
  later('nothing', 'kerberos.removeRealmFromPrincipal', 'false', 'Shape of a Kerberos identity.'),
  later('nothing', 'kerberos.minReLoginTimeMs', '60000', 'Minimum time between logins, in ms.'),
  later('nothing', 'security.auth_to_local', 'DEFAULT', 'Rules that map Kerberos names.'),
  opens('requireKerberosConfig', 'false', 'Fail to start without a Kerberos realm.', {
    effect: 'there is no Kerberos yet, so the server would run without a realm',
    advice: 'remove it if that is acceptable',
  }),
  inapplicable('kinit', '/usr/bin/kinit', 'Command that renews tickets.'),
  later('nothing', 'fips-mode', 'true', 'FIPS restrictions of TLS and MD5.'),
  list('4lw.commands.whitelist', 'fourLetterWordWhitelist', 'Four-letter words that answer, besides srvr; `*` is all.'),
  later('less', 'admin.enableServer', 'true', 'Administration over HTTP.', { actual: ['false'] }),
  later('nothing', 'admin.serverAddress', '0.0.0.0', 'Address of the administration server.'),
  later('nothing', 'admin.serverPort', '8080', 'Port of the administration server.'),
  later('nothing', 'admin.idleTimeout', '30000', 'Idle timeout of its connections, in ms.'),
  later('nothing', 'admin.commandURL', '/commands', 'URL path of its commands.'),
  inapplicable('admin.httpVersion', '11', 'HTTP version code of Jetty.'),
  later('nothing', 'admin.portUnification', 'false', 'It accepts HTTPS and HTTP.'),
  later('nothing', 'admin.forceHttps', 'false', 'It accepts only HTTPS.'),
  later('nothing', 'admin.needClientAuth', 'false', 'It requires client certificates.'),
  later(
    'nothing',
    'admin.rateLimiterIntervalInMS',
    '300000',
    'Minimum time between snapshots or restores over HTTP, in ms.',
  ),
  later('nothing', 'admin.snapshot.enabled', 'true', 'Snapshots may be taken over HTTP.'),
  later('nothing', 'admin.restore.enabled', 'true', 'Snapshots may be restored over HTTP.'),
  opens('audit.enable', 'false', 'Writes an audit log.', {
    effect: 'there is no audit log yet, so nothing would be recorded',
    advice: 'remove it if that is acceptable',
  }),
  later(
    'nothing',
    'audit.impl.class',
    'org.apache.zookeeper.audit.Slf4jAuditLogger',
    'Class that writes the audit log.',
  ),
  inapplicable('jmx.log4j.disable', 'false', 'JMX of log4j.'),
  inapplicable('jmx.log4j.mbean', 'log4j:hierarchy=default', 'JMX of log4j.'),
  inapplicable('server.realm', '', 'Client: Kerberos realm of the server.'),
  inapplicable('server.principal', '', 'Client: Kerberos principal of the server.'),
  inapplicable('sasl.client', 'true', 'Client: SASL.'),
  inapplicable('sasl.clientconfig', 'Client', 'Client: JAAS section.'),
  inapplicable('sasl.client.username', 'zookeeper', 'Client: name of the server.'),
  inapplicable('sasl.client.canonicalize.hostname', 'true', 'Client: canonical name of the server.'),
  inapplicable('sasl.client.allowReverseDnsLookup', 'false', 'Client: look up the name of the server by its address.'),
  inapplicable('clientCnxnSocket', 'org.apache.zookeeper.ClientCnxnSocketNIO', 'Client: networking.'),
  inapplicable('client.secure', 'false', 'Client: TLS.'),
  inapplicable('request.timeout', '0', 'Client: maximum wait for an answer, in ms.'),
  inapplicable('disableAutoWatchReset', 'false', 'Client: do not set watches again after a reconnect.'),
  inapplicable('shuffleDnsResponse', 'false', 'Client: shuffle the resolved addresses.'),
  inapplicable('hostProvider.dnsSrvRefreshIntervalSeconds', '60', 'Client: refresh interval of DNS SRV records.'),
];

/**
 * The TLS options. Each row gives two: one with the prefix `ssl.` for the client port, and one with `ssl.quorum.` for
 * connections between servers. `client` and `quorum` are the defaults of the two options.
 */
const tlsOptions: readonly [name: string, client: string, quorum: string, doc: string][] = [
  ['keyStore.location', '', '', 'File with the private key and certificate.'],
  ['keyStore.password', '', '', 'Password of the key store.'],
  ['keyStore.passwordPath', '', '', 'File with the password of the key store.'],
  ['keyStore.type', '', '', 'JKS, PEM, PKCS12 or BCFKS; derived from the file name unless set.'],
  ['trustStore.location', '', '', 'File with the trusted certificates.'],
  ['trustStore.password', '', '', 'Password of the trust store.'],
  ['trustStore.passwordPath', '', '', 'File with the password of the trust store.'],
  ['trustStore.type', '', '', 'The same for the trust store.'],
  ['protocol', '', '', 'TLS version.'],
  ['enabledProtocols', '', '', 'Accepted TLS versions.'],
  ['ciphersuites', '', '', 'Accepted cipher suites.'],
  ['context.supplier.class', '', '', 'Class that creates TLS contexts.'],
  ['hostnameVerification', 'true', 'true', 'Verify the names in certificates.'],
  ['clientHostnameVerification', 'false', 'true', 'Also verify the names in certificates of connecting sides.'],
  ['allowReverseDnsLookup', 'false', 'true', 'Also accept the name that DNS returns for the address.'],
  ['crl', 'false', 'false', 'Check certificates against revocation lists.'],
  ['ocsp', 'false', 'false', 'Check certificates with OCSP.'],
  ['clientAuth', 'need', 'need', 'need, want or none.'],
  ['handshakeDetectionTimeoutMillis', '5000', '5000', 'Maximum time of a handshake, in ms.'],
];

export const tlsOptionRows: readonly OptionRow[] = [
  ...(['ssl', 'ssl.quorum'] as const).flatMap((prefix) =>
    tlsOptions.map(([name, client, quorum, doc]) =>
      later('nothing', `${prefix}.${name}`, prefix === 'ssl' ? client : quorum, doc, {
        secret: /password$/.test(name),
      }),
    ),
  ),
  later('nothing', 'ssl.authProvider', 'x509', 'Scheme that turns a certificate into an identity.'),
  inapplicable('ssl.sslProvider', 'JDK', 'TLS implementation of Netty.'),
];
