<?php
// What a function does with PHP and its extensions; prints one line for each.
function numbers() { yield 1; yield from [2, 3]; }
$features = [
    'json' => fn () => json_encode(['a' => [1, null]]),
    'intl' => fn () => (new NumberFormatter('de_DE', NumberFormatter::CURRENCY))->formatCurrency(1234.5, 'EUR'),
    'collator' => fn () => (new Collator('sv_SE'))->compare('ö', 'z'),
    'dates' => fn () => IntlDateFormatter::formatObject(new DateTime('@0'), 'EEEE', 'fr_FR'),
    'dom' => function () { $d = new DOMDocument(); $d->loadXML('<a><b>ä</b></a>'); return $d->getElementsByTagName('b')->item(0)->textContent; },
    'xslt' => fn () => class_exists('XSLTProcessor'),
    'pdo' => fn () => (new PDO('sqlite::memory:'))->query('select 40 + 2')->fetchColumn(),
    'mbstring' => fn () => mb_strtoupper('straße') . mb_convert_encoding('日', 'SJIS', 'UTF-8') !== '',
    'iconv' => fn () => bin2hex(iconv('UTF-8', 'UTF-16LE', 'ä')),
    'sodium' => fn () => bin2hex(sodium_crypto_generichash('x')),
    'curl' => fn () => curl_init('http://127.0.0.1:1') instanceof CurlHandle,
    'openssl' => fn () => openssl_digest('x', 'sha256'),
    'phar' => fn () => Phar::canCompress() !== null,
    'zones' => fn () => (new DateTime('2026-07-01', new DateTimeZone('Europe/Berlin')))->format('c'),
    'generators' => fn () => implode(',', iterator_to_array(numbers(), false)),
    'extensions' => fn () => implode(',', get_loaded_extensions()),
    'error' => fn () => intdiv(1, 0),
];
foreach ($features as $name => $feature) {
    try { echo $name, ' ', $feature(), "\n"; }
    catch (Throwable $e) { echo $name, ' ', get_class($e), ' ', $e->getMessage(), "\n"; }
}
