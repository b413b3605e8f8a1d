import { choice, flag, inapplicable, later, list, opens, text } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

const secret = { secret: true } as const;

/** Classes of Apache's whose schemes work here without being named. */
const providersThatExist = ['Digest', 'Ensemble', 'IP'].map(
  (scheme) => `org.apache.zookeeper.server.auth.${scheme}AuthenticationProvider`,
);

/** Security, administration, audit, and what Apache's client reads from the same properties. */
export const securityOptions: readonly OptionRow[] = [
  opens(
    'authProvider.*',
    '',
    'Class of a further authentication provider.',
    {
      effect:
        'classes of Java cannot be loaded, and there is no SASL yet: clients would be served without this authentication',
      advice: 'remove it where that is meant',
    },
    { actual: providersThatExist },
  ),
  flag('DigestAuthenticationProvider.enabled', 'digestAuthEnabled', 'The digest scheme exists.'),
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
  later('less', 'superUser.*', '', 'A further SASL super user.'),
  later('less', 'SASLAuthenticationProvider.superPassword', '', 'SASL password of super.', secret),
  later('less', 'letAnySaslUserDoX', '', 'Identity that stands for every SASL user.'),
  list('ensembleAuthName', 'ensembleAuthNames', 'Names that a client may expect with `addauth ensemble`.'),
  later('nothing', 'IPAuthenticationProvider.usexforwardedfor', 'false', 'Trusts X-Forwarded-For.'),
  flag('enforce.auth.enabled', 'enforceAuthEnabled', 'Clients must authenticate.'),
  list('enforce.auth.schemes', 'enforceAuthSchemes', 'With one of these schemes.'),
  opens('sessionRequireClientSASLAuth', 'false', 'Clients must authenticate with SASL.', {
    effect: 'there is no SASL yet: every client would be let in',
    advice: 'use enforce.auth.enabled and enforce.auth.schemes, or remove it',
  }),
  later('nothing', 'allowSaslFailedClients', 'false', 'Clients stay although SASL failed.'),
  later('less', 'sasl.serverconfig', 'Server', 'JAAS section of the server.'),
  later('less', 'java.security.auth.login.config', '', 'JAAS file. Apache reads it with -D only.'),
  later('nothing', 'kerberos.removeHostFromPrincipal', 'false', 'Shape of a Kerberos identity.'),
  later('nothing', 'kerberos.removeRealmFromPrincipal', 'false', 'Shape of a Kerberos identity.'),
  later('nothing', 'kerberos.minReLoginTimeMs', '60000', 'Shortest time between logins.'),
  later('nothing', 'security.auth_to_local', 'DEFAULT', 'Rules that map Kerberos names.'),
  opens('requireKerberosConfig', 'false', 'Fails without a realm.', {
    effect: 'there is no Kerberos yet: the server would run without a realm',
    advice: 'remove it where that is meant',
  }),
  inapplicable('kinit', '/usr/bin/kinit', 'Command that renews tickets.'),
  later('nothing', 'fips-mode', 'true', 'FIPS restrictions of TLS and MD5.'),
  list('4lw.commands.whitelist', 'fourLetterWordWhitelist', 'Four-letter words that answer besides srvr; `*` is all.'),
  later('less', 'admin.enableServer', 'true', 'Administration over HTTP.', { actual: ['false'] }),
  later('nothing', 'admin.serverAddress', '0.0.0.0', 'Address of it.'),
  later('nothing', 'admin.serverPort', '8080', 'Port of it.'),
  later('nothing', 'admin.idleTimeout', '30000', 'Silence on its connections, in ms.'),
  later('nothing', 'admin.commandURL', '/commands', 'Path of it.'),
  inapplicable('admin.httpVersion', '11', 'Version code of Jetty.'),
  later('nothing', 'admin.portUnification', 'false', 'It takes HTTPS and HTTP.'),
  later('nothing', 'admin.forceHttps', 'false', 'It takes HTTPS only.'),
  later('nothing', 'admin.needClientAuth', 'false', 'It asks for client certificates.'),
  later('nothing', 'admin.rateLimiterIntervalInMS', '300000', 'Shortest time between snapshots or restores.'),
  later('nothing', 'admin.snapshot.enabled', 'true', 'Snapshots may be taken over HTTP.'),
  later('nothing', 'admin.restore.enabled', 'true', 'Snapshots may be restored over HTTP.'),
  opens('audit.enable', 'false', 'Writes an audit log.', {
    effect: 'there is no audit log yet: nothing would be recorded',
    advice: 'remove it where that is meant',
  }),
  later('nothing', 'audit.impl.class', 'org.apache.zookeeper.audit.Slf4jAuditLogger', 'Where the audit log goes.'),
  inapplicable('jmx.log4j.disable', 'false', 'JMX of log4j.'),
  inapplicable('jmx.log4j.mbean', 'log4j:hierarchy=default', 'JMX of log4j.'),
  inapplicable('server.realm', '', 'Client: Kerberos realm of the server.'),
  inapplicable('server.principal', '', 'Client: Kerberos principal of the server.'),
  inapplicable('sasl.client', 'true', 'Client: SASL.'),
  inapplicable('sasl.clientconfig', 'Client', 'Client: JAAS section.'),
  inapplicable('sasl.client.username', 'zookeeper', 'Client: name of the server.'),
  inapplicable('sasl.client.canonicalize.hostname', 'true', 'Client: canonical name of the server.'),
  inapplicable('sasl.client.allowReverseDnsLookup', 'false', 'Client: name of the server by its address.'),
  inapplicable('clientCnxnSocket', 'org.apache.zookeeper.ClientCnxnSocketNIO', 'Client: networking.'),
  inapplicable('client.secure', 'false', 'Client: TLS.'),
  inapplicable('request.timeout', '0', 'Client: longest wait for an answer, in ms.'),
  inapplicable('disableAutoWatchReset', 'false', 'Client: watches are not set again after a reconnect.'),
  inapplicable('shuffleDnsResponse', 'false', 'Client: order of resolved addresses.'),
  inapplicable('hostProvider.dnsSrvRefreshIntervalSeconds', '60', 'Client: refresh of DNS SRV.'),
];

/** TLS of the client port (`ssl.`) and between servers (`ssl.quorum.`): what follows the prefix. */
const tlsOptions: readonly [name: string, client: string, quorum: string, doc: string][] = [
  ['keyStore.location', '', '', 'File with the private key and certificate.'],
  ['keyStore.password', '', '', 'Password of the key store.'],
  ['keyStore.passwordPath', '', '', 'File with that password.'],
  ['keyStore.type', '', '', 'JKS, PEM, PKCS12 or BCFKS; by the file name unless set.'],
  ['trustStore.location', '', '', 'File with the trusted certificates.'],
  ['trustStore.password', '', '', 'Password of the trust store.'],
  ['trustStore.passwordPath', '', '', 'File with that password.'],
  ['trustStore.type', '', '', 'As keyStore.type.'],
  ['protocol', '', '', 'Version of TLS.'],
  ['enabledProtocols', '', '', 'Versions of TLS that are accepted.'],
  ['ciphersuites', '', '', 'Cipher suites that are accepted.'],
  ['context.supplier.class', '', '', 'Class that makes TLS contexts.'],
  ['hostnameVerification', 'true', 'true', 'Names in certificates are verified.'],
  ['clientHostnameVerification', 'false', 'true', 'So are those of connecting sides.'],
  ['allowReverseDnsLookup', 'false', 'true', 'Also by the name of the address.'],
  ['crl', 'false', 'false', 'Certificates are looked up in revocation lists.'],
  ['ocsp', 'false', 'false', 'Certificates are checked by OCSP.'],
  ['clientAuth', 'need', 'need', 'need, want or none.'],
  ['handshakeDetectionTimeoutMillis', '5000', '5000', 'Time for a handshake, in ms.'],
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
