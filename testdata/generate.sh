#!/usr/bin/env bash
# Makes the responses in openssl/ and gnutls/ again, the certificates needed to
# check them, and an entry for each in index.json. See README.md.
#
# Needs openssl 3.0 or later, certtool, ocsptool and GNU date. The keys are in a
# temporary directory, which is deleted at the end. No network is used.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
cd "$work"
mkdir openssl gnutls keys
export LC_ALL=C TZ=UTC OPENSSL_CONF=/dev/null

days=9000 # of every certificate
revoked_at=200102030405Z
revoked_ms=1577934245000

# --- certificates -----------------------------------------------------------

key() { # name, kind
	case $2 in
	rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "keys/$1.key" 2>/dev/null ;;
	ed25519) openssl genpkey -algorithm ED25519 -out "keys/$1.key" ;;
	*) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$2" -out "keys/$1.key" ;;
	esac
}

ca_extensions='basicConstraints=critical,CA:TRUE
keyUsage=critical,digitalSignature,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid'
leaf_extensions='keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid'
delegate_extensions='keyUsage=critical,digitalSignature
extendedKeyUsage=OCSPSigning
noCheck=ignored
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid'

openssl_root() { # name
	openssl req -x509 -config /dev/null -new -key "keys/$1.key" -subj "/O=ocsplab testdata/CN=openssl $1" \
		-days "$days" -set_serial 0x01 -out "openssl/$1.pem" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
		-addext subjectKeyIdentifier=hash
}

openssl_cert() { # name, issuer, serial number, extensions
	printf '%s\n' "$4" >extensions.cnf
	printf '[req]\ndistinguished_name=dn\n[dn]\n' >request.cnf
	openssl req -config request.cnf -new -key "keys/$1.key" -subj "/O=ocsplab testdata/CN=openssl $1" -out request.pem
	openssl x509 -req -in request.pem -CA "openssl/$2.pem" -CAkey "keys/$2.key" -set_serial "0x$3" \
		-days "$days" -extfile extensions.cnf -out "openssl/$1.pem" 2>/dev/null
}

certtool_cert() { # name, issuer or "", serial number, template
	{
		printf 'organization = "ocsplab testdata"\ncn = "gnutls %s"\n' "$1"
		printf 'expiration_days = %d\nserial = 0x%s\n%s\n' "$days" "$3" "$4"
	} >template.cfg
	if [ -z "$2" ]; then
		certtool --generate-self-signed --load-privkey "keys/$1.key" --template template.cfg --outfile "gnutls/$1.pem" 2>/dev/null
	else
		certtool --generate-certificate --load-privkey "keys/$1.key" --template template.cfg \
			--load-ca-certificate "gnutls/$2.pem" --load-ca-privkey "keys/$2.key" --outfile "gnutls/$1.pem" 2>/dev/null
	fi
}

# --- entries ----------------------------------------------------------------

quote() {
	local s=${1//\\/\\\\}
	s=${s//\"/\\\"} s=${s//$'\t'/\\t}
	printf '"%s"' "${s//$'\n'/\\n}"
}

# when FILE LABEL: the first time with this label that openssl reads in the response.
when() {
	local text
	text=$(openssl ocsp -respin "$1" -noverify -resp_text 2>/dev/null | sed -n "s/^ *$2: //p" | head -1)
	[ -z "$text" ] || date -u -d "$text" +%s
}

# An entry has what was asked for, in these variables. Only the times are those
# that openssl reads in the response.
reset_entry() {
	command= remark= index= issuer= leaf= signer= embedded= by=name algorithm= nonce= failure= refused=
	singles=() # each: serial number, hash, status, reason or "-", and "explicit" or ""
}

separator=
note() { # file
	local produced this next entry
	[ -s "$1" ] || { echo "$1 was not made by: $command" >&2; exit 1; }
	{
		printf '%s\t{\n\t\t"file": %s,\n' "$separator" "$(quote "$1")"
		separator=$',\n'
		printf '\t\t"command": %s' "$(quote "$command")"
		[ -z "$remark" ] || printf ',\n\t\t"remark": %s' "$(quote "$remark")"
		[ -z "$index" ] || printf ',\n\t\t"index": %s' "$(quote "$index")"
		if [ -n "$failure" ]; then
			printf ',\n\t\t"clock": %s' "$(quote "$(date -u +%FT%TZ)")"
			printf ',\n\t\t"error": %s\n\t}' "$(quote "$failure")"
			return
		fi
		produced=$(when "$1" 'Produced At') this=$(when "$1" 'This Update') next=$(when "$1" 'Next Update')
		printf ',\n\t\t"clock": %s' "$(quote "$(date -u -d "@$((produced + 30))" +%FT%TZ)")"
		printf ',\n\t\t"issuer": %s' "$(quote "$issuer")"
		[ -z "$leaf" ] || printf ',\n\t\t"leaf": %s' "$(quote "$leaf")"
		printf ',\n\t\t"signer": %s' "$(quote "$signer")"
		if [ -n "$embedded" ]; then
			entry=
			for c in $embedded; do entry+="${entry:+, }$(quote "$c")"; done
			printf ',\n\t\t"embedded": [%s]' "$entry"
		fi
		printf ',\n\t\t"responder_id": %s' "$(quote "by $by")"
		printf ',\n\t\t"signature_algorithm": %s' "$(quote "$algorithm")"
		[ -z "$nonce" ] || printf ',\n\t\t"nonce": %s' "$(quote "$nonce")"
		[ -z "$refused" ] || printf ',\n\t\t"refused": %s' "$(quote "$refused")"
		if [ ${#singles[@]} -gt 0 ]; then
			printf ',\n\t\t"singles": ['
			entry=
			for s in "${singles[@]}"; do
				set -- $s
				printf '%s\n\t\t\t{"serial": %s, "hash": %s, ' "$entry" "$(quote "$1")" "$(quote "$2")"
				[ "${5:-}" != explicit ] || printf '"explicit_reason": true, '
				printf '"response": {"status": %s' "$(quote "$3")"
				[ "$3" != revoked ] || printf ', "revocation_reason": %s' "$(quote "$4")"
				printf ', "produced_at": %d, "this_update": %d' "${produced}000" "${this}000"
				[ -z "$next" ] || printf ', "next_update": %d' "${next}000"
				[ "$3" != revoked ] || printf ', "revoked_at": %d' "$revoked_ms"
				printf '}}'
				entry=,
			done
			printf '\n\t\t]'
		fi
		printf '\n\t}'
	} >>index.json
}

# respond FILE ARGS...: makes a response with openssl's responder. $index is the
# text of its index.
respond() {
	local file=$1
	shift
	printf '%s\n' "$index" >index.txt
	set -- openssl ocsp -index index.txt "$@" -respout "$file"
	command=$*
	"$@" >log 2>&1 || [ -s "$file" ] || { cat log >&2; exit 1; }
	note "$file"
}

valid() { printf 'V\t491231000000Z\t\t%s\tunknown\t/CN=x' "$1"; }
revoked() { printf 'R\t491231000000Z\t%s%s\t%s\tunknown\t/CN=x' "$revoked_at" "${2:+,$2}" "$1"; }

printf '[\n' >index.json

# --- openssl ----------------------------------------------------------------

key root P-256
openssl_root root
serial=10
for kind in p256:P-256 p384:P-384 p521:P-521 rsa:rsa ed25519:ed25519; do
	name=${kind%:*}
	key "$name" "${kind#*:}"
	openssl_cert "$name" root "$serial" "$ca_extensions"
	key "leaf-$name" P-256
	openssl_cert "leaf-$name" "$name" "10$serial" "$leaf_extensions"
	serial=$((serial + 1))
done
key delegate P-256
openssl_cert delegate p256 1021 "$delegate_extensions"
key delegate-rsa rsa
openssl_cert delegate-rsa p256 1022 "$delegate_extensions"

# start CA: prepares a response about the CA's leaf, signed by the CA, without a
# nonce and without certificates.
start() {
	reset_entry
	issuer=openssl/$1.pem leaf=openssl/leaf-$1.pem signer=openssl/$1.pem
	sign="-rsigner openssl/$1.pem -rkey keys/$1.key -resp_no_certs -ndays 7"
	ask="-CA $issuer -issuer $issuer -cert $leaf -no_nonce"
	case $1 in
	p256) algorithm=ECDSA-SHA256 leaf_serial=1010 ;;
	p384) algorithm=ECDSA-SHA384 leaf_serial=1011 ;;
	p521) algorithm=ECDSA-SHA512 leaf_serial=1012 ;;
	rsa) algorithm=SHA256-RSA leaf_serial=1013 ;;
	ed25519) algorithm=Ed25519 leaf_serial=1014 ;;
	esac
	index=$(valid "$leaf_serial")
	singles=("$leaf_serial SHA-1 good")
}

# Statuses and reasons.
start p256
respond openssl/good.der $ask $sign -rmd sha256
start p256
index=$(revoked 1010) singles=("1010 SHA-1 revoked unspecified")
respond openssl/revoked.der $ask $sign -rmd sha256
for pair in unspecified:unspecified:explicit keyCompromise:key_compromise CACompromise:ca_compromise \
	affiliationChanged:affiliation_changed superseded:superseded cessationOfOperation:cessation_of_operation \
	certificateHold:certificate_hold removeFromCRL:remove_from_crl; do
	IFS=: read -r theirs ours explicit <<<"$pair"
	start p256
	index=$(revoked 1010 "$theirs") singles=("1010 SHA-1 revoked $ours $explicit")
	respond "openssl/revoked-$ours.der" $ask $sign -rmd sha256
done
start p256
index=$(valid 9999) singles=("1010 SHA-1 unknown")
respond openssl/unknown.der $ask $sign -rmd sha256
start p256
remark="openssl responds for a CA that is not its own"
singles=("1013 SHA-1 unknown") issuer=openssl/rsa.pem leaf=openssl/leaf-rsa.pem
respond openssl/unknown-issuer.der -CA openssl/p256.pem -issuer $issuer -cert $leaf -no_nonce $sign -rmd sha256

# Reasons that come with single extensions.
start p256
index=$(revoked 1010 holdInstruction,holdInstructionReject) singles=("1010 SHA-1 revoked certificate_hold")
respond openssl/extension-hold-instruction.der $ask $sign -rmd sha256
start p256
index=$(revoked 1010 keyTime,20191231235959Z) singles=("1010 SHA-1 revoked key_compromise")
respond openssl/extension-invalidity-date.der $ask $sign -rmd sha256
start p256
index=$(revoked 1010 CAkeyTime,20191231235959Z) singles=("1010 SHA-1 revoked ca_compromise")
respond openssl/extension-invalidity-date-ca.der $ask $sign -rmd sha256

# Keys and signatures.
for pair in p384:sha384 p521:sha512; do
	start "${pair%:*}"
	respond "openssl/key-${pair%:*}.der" $ask $sign -rmd "${pair#*:}"
done
start ed25519
respond openssl/key-ed25519.der $ask $sign
for bits in 1 384 512; do
	start p256
	algorithm=ECDSA-SHA$bits
	respond "openssl/signature-ecdsa-sha$bits.der" $ask $sign -rmd "sha$bits"
done
for bits in 1 256 384 512; do
	start rsa
	algorithm=SHA$bits-RSA
	respond "openssl/signature-rsa-sha$bits.der" $ask $sign -rmd "sha$bits"
done
for bits in 256 384 512; do
	start rsa
	algorithm=SHA$bits-RSAPSS
	respond "openssl/signature-pss-sha$bits.der" $ask $sign -rmd "sha$bits" \
		-rsigopt rsa_padding_mode:pss -rsigopt rsa_pss_saltlen:digest
done
start rsa
remark="openssl's default salt is as long as the key allows, which RFC 4055 section 3.1 leaves open; crypto/x509 only accepts one as long as the hash"
algorithm=SHA256-RSAPSS
respond openssl/signature-pss-long-salt.der $ask $sign -rmd sha256 -rsigopt rsa_padding_mode:pss

# CertIDs.
for bits in 256 384 512; do
	start p256
	singles=("1010 SHA-$bits good")
	respond "openssl/certid-sha$bits.der" -CA $issuer -issuer $issuer "-sha$bits" -cert $leaf -no_nonce $sign -rmd sha256
done
start p256
remark="with another hash in the request, openssl loses the serial number: https://github.com/openssl/openssl/issues/31070"
singles=("0 SHA-256 good")
respond openssl/certid-serial-zero.der $ask $sign -rmd sha256 -rcid sha256

# Responders.
start p256
by=key
respond openssl/responder-by-key.der $ask $sign -rmd sha256 -resp_key_id
start p256
embedded=$signer
respond openssl/responder-embeds-itself.der $ask -rsigner $signer -rkey keys/p256.key -ndays 7 -rmd sha256
for name in delegate delegate-rsa; do
	start p256
	signer=openssl/$name.pem embedded=openssl/$name.pem
	[ $name = delegate ] || algorithm=SHA256-RSA
	delegate="-rsigner $signer -rkey keys/$name.key -ndays 7 -rmd sha256"
	respond "openssl/$name.der" $ask $delegate
done
start p256
signer=openssl/delegate.pem embedded=$signer by=key
delegate="-rsigner $signer -rkey keys/delegate.key -ndays 7 -rmd sha256"
respond openssl/delegate-by-key.der $ask $delegate -resp_key_id
start p256
signer=openssl/delegate.pem
respond openssl/delegate-omitted.der $ask $delegate -resp_no_certs
start p256
signer=openssl/delegate.pem by=key
respond openssl/delegate-omitted-by-key.der $ask $delegate -resp_no_certs -resp_key_id
start p256
signer=openssl/delegate.pem embedded="$signer openssl/p256.pem openssl/root.pem"
cat openssl/p256.pem openssl/root.pem >others.pem
respond openssl/delegate-with-chain.der $ask $delegate -rother others.pem

# Nonce, several certificates, times.
start p256
openssl ocsp -issuer $issuer -cert $leaf -nonce -reqout request.der
nonce=$(openssl asn1parse -inform DER -in request.der | sed -n 's/.*\[HEX DUMP\]:0410\([0-9A-F]*\)$/\1/p')
[ ${#nonce} = 32 ] || { echo "no nonce in the request" >&2; exit 1; }
respond openssl/nonce.der -CA $issuer -reqin request.der $sign -rmd sha256
start p256
index="$(valid 1010)
$(revoked 1020 superseded)"
singles=("1010 SHA-1 good" "1020 SHA-1 revoked superseded" "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF SHA-256 unknown")
respond openssl/three-certificates.der $ask -serial 0x1020 \
	-sha256 -serial 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF $sign -rmd sha256
start p256
respond openssl/forever.der $ask -rsigner $signer -rkey keys/p256.key -resp_no_certs -rmd sha256
start p256
respond openssl/one-minute.der $ask -rsigner $signer -rkey keys/p256.key -resp_no_certs -rmd sha256 -nmin 1
start p256
remark="openssl leaves out certificates that its index calls expired"
index=$(printf 'E\t491231000000Z\t\t1010\tunknown\t/CN=x') singles=() refused="responses: empty"
respond openssl/no-single.der $ask $sign -rmd sha256

# Errors that openssl's responder gives.
start p256
failure=malformed
printf '\060\004\060\002\060\000' >request.der # a request about nothing
respond openssl/error-malformed.der -CA $issuer -reqin request.der $sign -rmd sha256
start p256
failure="internal error"
respond openssl/error-internal.der $ask $sign -rmd sha256 -rsigopt no_such:option

# The others are made with openssl's ASN.1 generator, and signed with openssl
# dgst.
for pair in 3:error-try-later:"try later" 5:error-sig-required:"signature required" 6:error-unauthorized:unauthorized; do
	reset_entry
	IFS=: read -r number name failure <<<"$pair"
	remark="not made by openssl's responder, which never gives this error, but by openssl's ASN.1 generator"
	printf 'asn1=SEQUENCE:response\n[response]\nstatus=ENUMERATED:%d\n' "$number" >response.cnf
	command="openssl asn1parse -genconf response.cnf -noout -out openssl/$name.der"
	$command
	note "openssl/$name.der"
done

hashes() { # of the issuer's name and key, as openssl has them in a request
	openssl ocsp -issuer "$1" -cert "$2" -no_nonce -reqout request.der
	openssl asn1parse -inform DER -in request.der | sed -n 's/.*\[HEX DUMP\]://p'
}
for pair in 9:privilege_withdrawn 10:aa_compromise; do
	IFS=: read -r number ours <<<"$pair"
	start p256
	remark="not made by openssl's responder, which does not know this reason, but by openssl's ASN.1 generator"
	index= by=key
	singles=("1010 SHA-1 revoked $ours")
	{ read -r name_hash; read -r key_hash; } < <(hashes $issuer $leaf)
	cat >response.cnf <<-END
		asn1=SEQUENCE:\${ENV::ROOT}
		[response]
		status=ENUMERATED:0
		bytes=EXPLICIT:0,SEQUENCE:bytes
		[bytes]
		type=OID:1.3.6.1.5.5.7.48.1.1
		basic=OCTWRAP,SEQUENCE:basic
		[basic]
		data=SEQUENCE:data
		algorithm=SEQUENCE:ecdsa
		signature=FORMAT:HEX,BITSTRING:\${ENV::SIGNATURE}
		[ecdsa]
		oid=OID:ecdsa-with-SHA256
		[data]
		responder=EXPLICIT:2,FORMAT:HEX,OCTETSTRING:$key_hash
		produced=GENERALIZEDTIME:$(date -u +%Y%m%d%H%M%SZ)
		responses=SEQUENCE:responses
		[responses]
		single=SEQUENCE:single
		[single]
		certid=SEQUENCE:certid
		status=IMPLICIT:1,SEQUENCE:revoked
		this=GENERALIZEDTIME:$(date -u +%Y%m%d%H%M%SZ)
		next=EXPLICIT:0,GENERALIZEDTIME:$(date -u -d '+7 days' +%Y%m%d%H%M%SZ)
		[certid]
		hash=SEQUENCE:hash
		name=FORMAT:HEX,OCTETSTRING:$name_hash
		key=FORMAT:HEX,OCTETSTRING:$key_hash
		serial=INTEGER:0x1010
		[hash]
		oid=OID:SHA1
		parameters=NULL
		[revoked]
		time=GENERALIZEDTIME:20$revoked_at
		reason=EXPLICIT:0,ENUMERATED:$number
	END
	ROOT=data SIGNATURE=00 openssl asn1parse -genconf response.cnf -noout -out data.der
	SIGNATURE=$(openssl dgst -sha256 -sign keys/p256.key -hex data.der | sed 's/.*= //')
	ROOT=response SIGNATURE=$SIGNATURE openssl asn1parse -genconf response.cnf -noout -out "openssl/revoked-$ours.der"
	command="openssl asn1parse -genconf response.cnf -noout -out data.der; openssl dgst -sha256 -sign keys/p256.key -hex data.der; openssl asn1parse -genconf response.cnf -noout -out openssl/revoked-$ours.der"
	note "openssl/revoked-$ours.der"
done

# --- gnutls -----------------------------------------------------------------

# GnuTLS makes the certificates and the requests; it has no responder, so
# openssl signs.
ca_template=$'ca\ncert_signing_key\ncrl_signing_key\nsigning_key'
leaf_template=$'dns_name = "localhost"\nsigning_key\ntls_www_server\ntls_feature = 5'
delegate_template=$'signing_key\nocsp_signing_key\nadd_extension = "1.3.6.1.5.5.7.48.1.5 0x0500"'

serial=10
for kind in p256:"ecdsa --curve secp256r1":sha256:ECDSA-SHA256 p384:"ecdsa --curve secp384r1":sha384:ECDSA-SHA384 \
	p521:"ecdsa --curve secp521r1":sha512:ECDSA-SHA512 rsa:"rsa --bits 2048":sha256:SHA256-RSA ed25519:ed25519::Ed25519; do
	IFS=: read -r name how digest usual <<<"$kind"
	certtool --generate-privkey --key-type $how --outfile "keys/$name.key" 2>/dev/null
	certtool_cert "$name" "" "$serial" "$ca_template"
	certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "keys/leaf-$name.key" 2>/dev/null
	certtool_cert "leaf-$name" "$name" "20$serial" "$leaf_template"
	if [ "$name" = p256 ]; then
		certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile keys/delegate.key 2>/dev/null
		certtool_cert delegate p256 2020 "$delegate_template"
	fi
	for status in good revoked unknown delegate; do
		reset_entry
		issuer=gnutls/$name.pem leaf=gnutls/leaf-$name.pem signer=$issuer algorithm=$usual
		case $status in
		good | delegate) index=$(valid "20$serial") singles=("20$serial SHA-1 good") ;;
		revoked) index=$(revoked "20$serial" keyCompromise) singles=("20$serial SHA-1 revoked key_compromise") ;;
		unknown) index=$(valid 9999) singles=("20$serial SHA-1 unknown") ;;
		esac
		sign="-rsigner $signer -rkey keys/$name.key -resp_no_certs"
		if [ "$status" = delegate ]; then
			[ "$name" = p256 ] || continue
			signer=gnutls/delegate.pem embedded=gnutls/delegate.pem
			sign="-rsigner $signer -rkey keys/delegate.key"
		fi
		ocsptool --generate-request --load-issuer "$issuer" --load-cert "$leaf" --outfile request.der 2>/dev/null
		respond "gnutls/$name-$status.der" -CA "$issuer" -reqin request.der $sign -ndays 7 ${digest:+-rmd $digest}
		ocsptool --verify-response --load-response "gnutls/$name-$status.der" --load-trust "$issuer" >log 2>&1 ||
			{ echo "ocsptool refuses gnutls/$name-$status.der" >&2; cat log >&2; exit 1; }
	done
	serial=$((serial + 1))
done

printf '\n]\n' >>index.json

# --- replace what was there -------------------------------------------------

chmod -R u=rwX,go=rX openssl gnutls index.json
rm -rf "$here/openssl" "$here/gnutls"
cp -rp openssl gnutls index.json "$here/"
echo "$(find openssl gnutls -name '*.der' | wc -l) responses, $(openssl version), $(ocsptool --version | head -1)"
