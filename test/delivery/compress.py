"""Prints what is in a compressed object, as read by programs other than nagare: compress.py SNAPPY|HADOOP_SNAPPY FILE."""

import sys

import snappy
from kafka.codec import snappy_decode

form, path = sys.argv[1:]
with open(path, "rb") as file:
    body = file.read()
if form == "SNAPPY":
    content = snappy_decode(body)
else:
    content = snappy.HadoopStreamDecompressor().decompress(body)
sys.stdout.buffer.write(content)
