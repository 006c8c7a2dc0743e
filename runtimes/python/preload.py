"""Imported while the image is made, so that they are there at once in every sandbox: what short programs use most.

Each module costs every sandbox its memory and a part of a millisecond at the start; those left out load in 5 to 50 ms.
"""
import abc, array, ast, asyncio, base64, bisect, calendar, collections, collections.abc, contextlib, copy, csv
import dataclasses, datetime, enum, functools, heapq, inspect, io, itertools, json, linecache, math
import operator, os, os.path, pathlib, random, re, shutil, statistics, string, struct, sys, tempfile
import textwrap, time, traceback, types, typing, warnings, weakref
