"""Imported while the image is made, so that they are there at once in every sandbox."""
import abc, argparse, array, ast, asyncio, base64, bisect, calendar, collections, collections.abc, contextlib, contextvars, copy, csv
import dataclasses, datetime, enum, fractions, functools, heapq, inspect, io, itertools, json, linecache, logging, math, numbers
import operator, os, os.path, pathlib, posixpath, pprint, queue, random, re, shutil, signal, statistics, string, struct, sys, tempfile
import textwrap, threading, time, traceback, types, typing, unittest, urllib.parse, uuid, warnings, weakref, zlib, hashlib, secrets
