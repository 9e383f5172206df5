from ._check import check as check
from ._explore import explore as explore
from ._explorer import Explorer as Explorer
from ._gallery import build_gallery as build_gallery
from ._launch import launch as launch
