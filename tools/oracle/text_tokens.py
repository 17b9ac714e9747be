#!/usr/bin/env python3
"""What fastai's rules and spaCy make of texts, as digests.

    python tools/oracle/text_tokens.py --csv imdb_10k.csv.gz        # a digest per review, a line each
    python tools/oracle/text_tokens.py --lines texts.jsonl          # of any texts, one JSON string a line
    python tools/oracle/text_tokens.py --golden testdata/golden/text/tokenize_drawn.json

Needs fastai and spacy. The golden case has texts that are drawn by a formula, which its runner draws again."""
import argparse, csv, gzip, hashlib, json, pathlib
from fastai.text.core import WordTokenizer, parallel_tokenize

PIECES = """the The THE movie Movie film FILM isn't Isn't can't CAN'T won't I I'm I'd it's It's don't wouldn't've y'all gonna cannot Dr. Mr. U.S. U.S.A. a.m. 10a.m. e.g. i.e. vs. etc.
very very very no no no NO so sooo Sooooo!!! good-looking state-of-the-art 10/10 1,234.56 $5 US$10 5kg 3.5km 50mph 100% 8:30 1990s '90s #1 @home me@example.co.uk www.example.com http://a.b/c?d=e#f
<br /> <br /><br /> &amp; &lt;b&gt; &eacute; &#233; &#x27; &nbsp; \\n \\" @-@ @.@ ... .... … -- --- - – — / \\ * ** *** ( ) [ ] { } : ; , . ! ? !? ?! " ' '' `` ’ “ ” :) :-( ;) :D <3 xD (: ^_^ ._.
café naïve Zürich ÉLAN élan Straße İstanbul ΣΊΣΥΦΟΣ Москва 東京 😀 😀😀😀 👍🏽 ½ ² ™ © € £3 3€ 15°C. 3°F. McDonald O'Brien rock'n'roll rock-n-roll B-movies AAAA aaaa xxbos xxmaj <unk> word.Word end.Start a,b a:b a=b a+b 3-4 3x4 x*y _under_ #tag hello... wow!!!! "quoted" 'single' (paren) [bracket] it.""".split()
SPACES = [' '] * 12 + ['  ', '\n', '\t', ' \n ', '\xa0', '', '']


def mulberry32(a):
    def draw():
        nonlocal a
        a = (a + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((a ^ (a >> 15)) * (1 | a)) & 0xFFFFFFFF
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & 0xFFFFFFFF)) ^ t) & 0xFFFFFFFF
        return (t ^ (t >> 14)) / 4294967296
    return draw


def drawn(seed, n, length):
    r = mulberry32(seed)
    pick = lambda xs: xs[int(r() * len(xs))]
    return [''.join(pick(PIECES) + pick(SPACES) for _ in range(length)) for _ in range(n)]


def digests(texts, workers=0):
    out = [t for _, t in sorted(parallel_tokenize(texts, tok=WordTokenizer(), n_workers=workers))]
    return [hashlib.sha256(' '.join(t).encode('utf8', 'surrogatepass')).hexdigest()[:8] for t in out], sum(map(len, out))


if __name__ == '__main__':
    ap = argparse.ArgumentParser()
    for name in ('csv', 'lines', 'golden'): ap.add_argument(f'--{name}')
    a = ap.parse_args()
    if a.golden:
        config = dict(seed=20_26, n=500, length=40, pieces=PIECES, spaces=SPACES)
        found, n = digests(drawn(config['seed'], config['n'], config['length']))
        case = dict(schema='golden/1', set='own', topic='text', case=pathlib.Path(a.golden).stem, what='tokens of 500 texts drawn from pieces: SHA-256 (8 digits) of each, joined by spaces',
                    made_by='tools/oracle/text_tokens.py: fastai.text.core.parallel_tokenize, spaCy blank "en"', config=config, expected=dict(digests=found, tokens=n), tolerance=dict(rtol=0, atol=0))
        pathlib.Path(a.golden).write_text(json.dumps(case, ensure_ascii=False) + '\n', encoding='utf8')
    else:
        if a.csv:
            csv.field_size_limit(1 << 30)
            with gzip.open(a.csv, 'rt', encoding='utf8', newline='') as f: texts = [row['text'] for row in csv.DictReader(f)]
        else: texts = [json.loads(line) for line in open(a.lines, encoding='utf8')]
        for d in digests(texts, workers=2)[0]: print(d)
