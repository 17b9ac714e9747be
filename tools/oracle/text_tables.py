#!/usr/bin/env python3
"""Writes the tables of the word tokenizer: spaCy's rules for English, as patterns of JavaScript, and the names of
HTML's characters.

    python tools/oracle/text_tables.py packages/text/src/tokenize/data

Needs spacy. Only the rules are written; how they are applied is packages/text/src/tokenize/spacy-chunks.ts."""
import html.entities, json, pathlib, re, sys
import spacy

WORD = r'\p{L}\p{N}_'
SPACE = r'\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000'
ONES = {'d': r'\p{Nd}', 'w': WORD, 's': SPACE}


def javascript(pattern):
    """A pattern of Python's re as one of JavaScript with the flag u: no needless escapes, classes as Python means them."""
    out, i, inside = [], 0, False
    while i < len(pattern):
        c = pattern[i]
        if c == '\\':
            n = pattern[i + 1]
            if n == 'U': out.append(r'\u{%x}' % int(pattern[i + 2:i + 10], 16)); i += 10; continue
            if n == 'u': out.append(pattern[i:i + 6]); i += 6; continue
            if n in ONES: out.append(ONES[n] if inside else f'[{ONES[n]}]')
            elif n == 'S': assert not inside; out.append(f'[^{SPACE}]')
            elif n in '^$\\.*+?()[]{}|/' or (n == '-' and inside): out.append('\\' + n)
            else: assert not n.isalnum(), pattern; out.append(n)
            i += 2
            continue
        if c == '[' and not inside: inside = True
        elif c == ']' and inside: inside = False
        out.append(c); i += 1
    return ''.join(out)


def url(pattern):
    """Whether there is a user before the host can be told without trying all ways to divide it."""
    user = r'(?:\S+(?::\S*)?@)?'
    assert pattern.startswith('(?u)^') and pattern.endswith('$') and user in pattern
    return javascript(pattern[len('(?u)'):].replace(user, r'(?:\S+@)?'))


def english():
    tok = spacy.blank('en').tokenizer
    d = spacy.blank('en').Defaults
    assert tok.token_match is None
    pieces = lambda ps: [javascript(p) for p in ps if p.strip()]
    exceptions = {k: ''.join(t[65] for t in v) and [t[65] for t in v] for k, v in sorted(tok.rules.items())}
    return dict(source=f'spaCy {spacy.__version__}, MIT', prefixes=pieces(d.prefixes), suffixes=pieces(d.suffixes), infixes=pieces(d.infixes),
                url=url(tok.url_match.__self__.pattern), exceptions=exceptions)


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(',', ':')) + '\n', encoding='utf8')


if __name__ == '__main__':
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    write(out / 'english.json', english())
    write(out / 'html-entities.json', html.entities.html5)
