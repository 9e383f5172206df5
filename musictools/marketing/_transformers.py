"""Adstock and saturation as steps of a scikit-learn pipeline."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from musictools.marketing._adstock import Array, adstock
from musictools.marketing._saturation import saturate


class Adstock(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Carry-over as a step of a scikit-learn pipeline; rows are weeks in order.

    Parameters
    ----------
    kind : str
        As for :func:`adstock`.
    parameters : mapping, optional
        As for :func:`adstock`: numbers, or one value for each column.
    lags : int
        Weeks that count.
    normalize : bool
        Whether the weights sum to 1.

    Examples
    --------
    >>> from musictools.marketing import Adstock
    >>> Adstock(parameters={"theta": 0.5}, lags=2).fit_transform([[3.0], [0.0]]).tolist()
    [[2.0], [1.0]]
    """

    def __init__(
        self,
        *,
        kind: str = "geometric",
        parameters: Mapping[str, Any] | None = None,
        lags: int = 13,
        normalize: bool = True,
    ) -> None:
        self.kind = kind
        self.parameters = parameters
        self.lags = lags
        self.normalize = normalize

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002, N803 - the names of scikit-learn
        """Look at the number of columns; nothing is learned."""
        validate_data(self, X, dtype=float)
        self._apply(np.zeros((1, self.n_features_in_)))
        return self

    def transform(self, X: Any) -> Array:  # noqa: N803
        """Spread each column over the weeks."""
        check_is_fitted(self)
        return self._apply(validate_data(self, X, dtype=float, reset=False))

    def _apply(self, values: Array) -> Array:
        return adstock(values, self.kind, self.parameters, lags=self.lags, normalize=self.normalize)


class Saturation(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Saturation as a step of a scikit-learn pipeline.

    Each column is divided by its mean over weeks above 0 first, so that parameters are in units of
    a usual week.

    Parameters
    ----------
    kind : str
        As for :func:`saturate`.
    parameters : mapping, optional
        As for :func:`saturate`: numbers, or one value for each column.

    Attributes
    ----------
    unit_ : numpy.ndarray
        What each column was divided by.

    Examples
    --------
    >>> from musictools.marketing import Saturation
    >>> Saturation(kind="michaelis_menten").fit_transform([[4.0], [0.0]]).tolist()
    [[0.5], [0.0]]
    """

    def __init__(self, *, kind: str = "hill", parameters: Mapping[str, Any] | None = None) -> None:
        self.kind = kind
        self.parameters = parameters

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002, N803 - the names of scikit-learn
        """Learn the unit of each column."""
        values = validate_data(self, X, dtype=float)
        on = values > 0
        self.unit_ = np.where(
            on.any(axis=0), np.where(on, values, 0).sum(axis=0) / np.maximum(on.sum(axis=0), 1), 1.0
        )
        saturate(values, self.kind, self.parameters)
        return self

    def transform(self, X: Any) -> Array:  # noqa: N803
        """Bend each column."""
        check_is_fitted(self)
        values = validate_data(self, X, dtype=float, reset=False)
        return saturate(values / self.unit_, self.kind, self.parameters)
