"""The training mixture: which categories, and what share of the training tokens each one has.

The user writes English and Japanese (technical articles, prose), code, markup, JSON and logs. Small Japanese
sources are over-sampled; enwik8 stays below a quarter, so that the benchmark does not choose the model.
"""

# category -> share of the training tokens (normalised where it is used)
SHARES = {
    "enwik8_first90MB": 0.235,
    "en_docs": 0.130,
    "en_books": 0.075,
    "en_mail": 0.020,
    "en_encyc": 0.010,
    "ja_docs": 0.115,
    "ja_books": 0.060,
    "ja_wiki": 0.060,
    "ja_blog": 0.035,
    "ja_html": 0.010,
    "ja_law": 0.010,
    "code": 0.120,
    "markup": 0.040,
    "data": 0.035,
    "eu_books": 0.015,
    "xx_docs": 0.030,
}

# For training that goes on from a model: less of the small categories that it has seen 30 to 40 times, more of what users write.
FURTHER_SHARES = {
    "enwik8_first90MB": 0.235,
    "en_docs": 0.14,
    "en_books": 0.055,
    "en_mail": 0.02,
    "en_encyc": 0.01,
    "ja_docs": 0.125,
    "ja_books": 0.055,
    "ja_wiki": 0.04,
    "ja_blog": 0.02,
    "ja_html": 0.01,
    "ja_law": 0.01,
    "code": 0.14,
    "markup": 0.05,
    "data": 0.045,
    "eu_books": 0.015,
    "xx_docs": 0.03,
}
