/*
 * The little of CPython 3.14's stable ABI that hotloop.c uses, written down by hand, so that it compiles without Python's
 * headers. With them, `#include <Python.h>` and `#define Py_LIMITED_API 0x030e0000` take its place.
 */
#pragma once

typedef __SIZE_TYPE__ size_t;
typedef long Py_ssize_t;
typedef struct PyObject PyObject;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);

typedef struct {
  const char *ml_name;
  PyCFunction ml_meth;
  int ml_flags;
  const char *ml_doc;
} PyMethodDef;

typedef struct {
  /* PyModuleDef_Base: a reference count that never ends (immortal objects), a type, and three fields of the interpreter's. */
  Py_ssize_t ob_refcnt;
  void *ob_type;
  void *m_init;
  Py_ssize_t m_index;
  PyObject *m_copy;
  const char *m_name;
  const char *m_doc;
  Py_ssize_t m_size;
  PyMethodDef *m_methods;
  void *m_slots;
  void *m_traverse;
  void *m_clear;
  void *m_free;
} PyModuleDef;

#define METH_NOARGS 0x0004
#define METH_O 0x0008
#define PYTHON_API_VERSION 1013
#define PyMODINIT_FUNC __attribute__((visibility("default"))) PyObject *

PyObject *PyModule_Create2(PyModuleDef *, int);
long PyLong_AsLong(PyObject *);
PyObject *PyLong_FromLong(long);
PyObject *PyFloat_FromDouble(double);
PyObject *PyErr_Occurred(void);
PyObject *PyErr_NoMemory(void);
void PyErr_SetString(PyObject *, const char *);
int PyBytes_AsStringAndSize(PyObject *, char **, Py_ssize_t *);
extern PyObject *PyExc_ValueError;
void *malloc(size_t);
void free(void *);
