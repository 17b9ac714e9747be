#!/usr/bin/env python3
"""What SentencePiece learns from words that are drawn by a formula: pieces and the logarithms of how likely they are.

    python tools/oracle/subwords.py > testdata/subwords/sentencepiece.json

Needs sentencepiece."""
import json, math, random, tempfile, pathlib
import sentencepiece as spm

STEMS = """act arm art back ball band bear begin bird blow board boat body book box break bring build burn call care carry catch change
clean clear climb close cloud cold colour come cook cool count course cover cross cry cut dance dark deal deep draw dream dress drink drive
drop dry dust earn earth eat edge end face fair fall farm fast feel field fight fill find fire fish fit fix float floor flow fly fold follow
force form free friend full game garden gather give glass gold grand grass great green ground group grow guess hand hang happy hard head hear
heart heat help hold home hope horse house hunt ice iron jump keep kick kind king knock know land laugh lay lead learn leave lend life lift
light like line list live lock long look lose love make man mark market match mean meet milk mind moon move music name need night note open
order paint paper part pass pay place plan plant play point press print pull push quick quiet rain raise reach read rest rich ride ring rise
river road rock roll room round run safe sail sand save say school sea search seat see sell send serve set shake shape share shine shoe shop
short shout show sing sit sleep slow smile snow sound speak spell spend stand star start stay step stone stop storm story street strong""".split()
BEFORE = ['', '', '', '', 're', 'un', 'over', 'out', 'fore', 'mis']
AFTER = ['', '', '', 's', 'ed', 'ing', 'er', 'ers', 'ly', 'ness', 'less', 'ful', 'able', "'s", '.', ',', '!']


def words(seed=7, draws=12000):
    r = random.Random(seed)
    counts = {}
    for _ in range(draws):
        stem = STEMS[min(int(r.paretovariate(0.6)) - 1, 10**6) % len(STEMS)]
        word = r.choice(BEFORE) + stem + r.choice(AFTER)
        counts[word] = counts.get(word, 0) + 1
    return counts


def trained(counts, size):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, 'words.tsv')
        file.write_text(''.join(f'{w}\t{n}\n' for w, n in counts.items()))
        spm.SentencePieceTrainer.Train(
            input=str(file), input_format='tsv', model_prefix=f'{folder}/m', vocab_size=size, model_type='unigram',
            character_coverage=1.0, normalization_rule_name='identity', minloglevel=2,
            unk_id=0, bos_id=-1, eos_id=-1, pad_id=-1)
        model = spm.SentencePieceProcessor(model_file=f'{folder}/m.model')
        return [[model.IdToPiece(i), round(model.GetScore(i), 5)] for i in range(1, len(model))]


if __name__ == '__main__':
    counts = words()
    print(json.dumps(dict(made_by='tools/oracle/subwords.py, SentencePiece ' + spm.__version__, counts=counts, vocab=trained(counts, 401))))
