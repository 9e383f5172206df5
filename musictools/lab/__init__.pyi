from ._check import check as check
from ._course import copy_notebooks as copy_notebooks
from ._gallery import build_gallery as build_gallery
from ._launch import launch as launch
